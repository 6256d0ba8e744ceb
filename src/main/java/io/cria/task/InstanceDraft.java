package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One instance as a parser read it out of an answer, with the verdict of the instance rules.
 *
 * @param n position in the answer, from 0, in order of first appearance
 * @param raw the text it was read from
 * @param input empty where there is none
 * @param output the answer; empty when {@code reason} says it did not parse
 * @param reason a {@link Reason} when dropped, null when kept
 */
public record InstanceDraft(
    int n, String raw, String input, String output, @Nullable String reason) {
  public InstanceDraft {
    if (n < 0) {
      throw new IllegalArgumentException("n is negative: " + n);
    }
    Objects.requireNonNull(raw, "raw");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
  }

  public boolean kept() {
    return reason == null;
  }

  /** The same instance dropped for {@code why}. */
  public InstanceDraft dropped(String why) {
    return new InstanceDraft(n, raw, input, output, Objects.requireNonNull(why, "why"));
  }
}
