package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a filter or the similarity rule decided of one text.
 *
 * @param kept whether it stays
 * @param reason a {@link Reason} when rejected, null when kept
 * @param neighbourId the earliest accepted text above the threshold, for {@link Reason#SIMILAR}
 *     only
 * @param neighbourScore ROUGE-L F with that neighbour, in (0, 1]; NaN where there is none
 */
public record Verdict(
    boolean kept, @Nullable String reason, @Nullable String neighbourId, double neighbourScore) {
  private static final Verdict KEPT = new Verdict(true, null, null, Double.NaN);

  public Verdict {
    if (kept != (reason == null)) {
      throw new IllegalArgumentException(
          "a verdict has a reason exactly when it rejects: " + reason);
    }
  }

  public static Verdict keep() {
    return KEPT;
  }

  public static Verdict reject(String reason) {
    return new Verdict(false, Objects.requireNonNull(reason, "reason"), null, Double.NaN);
  }

  /** Rejected by the similarity rule because of {@code neighbourId}. */
  public static Verdict similar(String neighbourId, double score) {
    return new Verdict(false, Reason.SIMILAR, Objects.requireNonNull(neighbourId), score);
  }
}
