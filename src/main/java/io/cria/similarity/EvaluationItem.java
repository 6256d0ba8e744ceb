package io.cria.similarity;

import java.io.Serializable;
import java.util.Objects;

/**
 * A task of an evaluation set, as examples are held against it.
 *
 * @param name its id, or where it stands
 * @param instruction what is asked
 * @param input what it is asked about; may be empty
 * @param reference the answer that is scored against; may be empty
 */
public record EvaluationItem(String name, String instruction, String input, String reference)
    implements Serializable {
  public EvaluationItem {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(instruction, "instruction");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(reference, "reference");
  }

  /** Instruction and input. */
  String asked() {
    return joined(instruction, input, "");
  }

  /** Instruction, input and reference. */
  String whole() {
    return joined(instruction, input, reference);
  }

  /** The texts that are not empty, a line break between each two. */
  static String joined(String instruction, String input, String output) {
    StringBuilder text = new StringBuilder(instruction);
    for (String more : new String[] {input, output}) {
      if (!more.isEmpty()) {
        text.append('\n').append(more);
      }
    }
    return text.toString();
  }
}
