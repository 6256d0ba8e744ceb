package io.cria.stage;

import io.cria.config.Identity.Rounds;
import java.util.List;

/**
 * How many requests the next round has. From committed counts only: never from clock, spend or
 * speed.
 *
 * <p>{@code growing}: twice the last round while acceptance holds, that is, while the last round
 * kept at least half as many instructions a request as the best round so far; else as large as the
 * last. Never more than what the remaining target needs at the last round's yield, nor than the
 * largest size allowed.
 */
public final class RoundPlan {
  /**
   * A committed round.
   *
   * @param requests asked
   * @param kept instructions that joined the pool
   */
  public record Committed(long requests, long kept) {
    double perRequest() {
      return requests == 0 ? 0 : (double) kept / requests;
    }
  }

  private final Rounds rounds;

  public RoundPlan(Rounds rounds) {
    this.rounds = rounds;
  }

  /**
   * @param history all committed rounds in order
   * @param target kept instructions wanted
   * @return requests of the next round, at least 1
   */
  public int size(List<Committed> history, int target) {
    if (rounds.policy().equals("fixed") || history.isEmpty()) {
      return rounds.size();
    }
    Committed last = history.get(history.size() - 1);
    double best = history.stream().mapToDouble(Committed::perRequest).max().orElse(0);
    boolean holds = last.kept() > 0 && last.perRequest() >= best / 2;
    long wanted = holds ? 2 * last.requests() : last.requests();
    if (last.kept() > 0) {
      long remaining = target - history.stream().mapToLong(Committed::kept).sum();
      wanted = Math.min(wanted, (long) Math.ceil(remaining / last.perRequest()));
    }
    return (int) Math.max(1, Math.min(wanted, rounds.maxSize()));
  }

  /** Why no further round is made although the target is not reached; empty when one is. */
  public java.util.Optional<String> end(List<Committed> history) {
    if (history.size() >= rounds.max()) {
      return java.util.Optional.of(
          "the round limit of " + rounds.max() + " is reached (rounds.max)");
    }
    int barren = 0;
    for (int i = history.size() - 1; i >= 0 && history.get(i).kept() == 0; i--) {
      barren++;
    }
    return barren >= rounds.barren()
        ? java.util.Optional.of(
            "the last " + barren + " rounds kept nothing (rounds.barren): see cria show --rejected")
        : java.util.Optional.empty();
  }
}
