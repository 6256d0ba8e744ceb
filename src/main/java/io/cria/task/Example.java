package io.cria.task;

import java.util.List;
import java.util.Objects;

/**
 * One training example: one row of the examples table and of every export.
 *
 * @param exampleId {@link Ids#example}
 * @param instanceId the instance it encodes
 * @param round order, first key; -1 for seeds, which come first
 * @param row order, second key
 * @param item order, third key
 * @param n order, last key
 * @param instruction the instruction
 * @param input empty where there is none
 * @param output the answer
 * @param isClassification whether the output is one of a small set of labels
 * @param source {@link #SEED} or {@link #MACHINE}
 * @param model the model that wrote it; empty for seeds
 * @param recipe the recipe's name
 * @param prompt the encoded prompt of the fine-tuning pair
 * @param completion the encoded completion
 * @param messages the same as a chat
 */
public record Example(
    String exampleId,
    String instanceId,
    int round,
    int row,
    int item,
    int n,
    String instruction,
    String input,
    String output,
    boolean isClassification,
    String source,
    String model,
    String recipe,
    String prompt,
    String completion,
    List<Message> messages) {
  public static final String SEED = "seed";
  public static final String MACHINE = "machine";

  public Example {
    Objects.requireNonNull(exampleId, "exampleId");
    Objects.requireNonNull(instanceId, "instanceId");
    Objects.requireNonNull(instruction, "instruction");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(recipe, "recipe");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(completion, "completion");
    messages = List.copyOf(messages);
    if (!source.equals(SEED) && !source.equals(MACHINE)) {
      throw new IllegalArgumentException("an example's source is seed or machine, not " + source);
    }
  }

  /**
   * The prompt of the plain encoding: instruction, blank line, input, blank line. What is taught
   * with it is asked with it.
   *
   * @param input may be empty; its blank line stays
   */
  public static String plainPrompt(String instruction, String input) {
    return instruction + "\n\n" + input + "\n\n";
  }
}
