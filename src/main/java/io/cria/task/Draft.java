package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One item as a parser read it out of an answer, before it has an id or a verdict.
 *
 * @param item position in the answer, from 0; every draft of an answer has its own
 * @param raw the text it was read from: the list item, the block, or the whole answer when that was
 *     dropped whole
 * @param instruction the instruction, normalised as the recipe's program does; empty when {@code
 *     failure} is set
 * @param input the input, or null where the recipe's answers carry none (self-instruct's lists)
 * @param output the output, or null likewise
 * @param failure a {@link Reason} of parsing ({@code cut_by_length}, {@code malformed}), or null
 *     when it parsed
 */
public record Draft(
    int item,
    String raw,
    String instruction,
    @Nullable String input,
    @Nullable String output,
    @Nullable String failure) {
  public Draft {
    if (item < 0) {
      throw new IllegalArgumentException("item is negative: " + item);
    }
    Objects.requireNonNull(raw, "raw");
    Objects.requireNonNull(instruction, "instruction");
  }

  /** A draft that parsed. */
  public static Draft parsed(
      int item, String raw, String instruction, @Nullable String input, @Nullable String output) {
    return new Draft(item, raw, instruction, input, output, null);
  }

  /** A draft that did not parse, with its reason. */
  public static Draft failed(int item, String raw, String failure) {
    return new Draft(item, raw, "", null, null, Objects.requireNonNull(failure, "failure"));
  }
}
