package io.cria.task;

import java.util.Objects;

/**
 * One worked case of a task.
 *
 * @param input empty where the instruction stands by itself
 * @param output the answer
 */
public record InputOutput(String input, String output) {
  public InputOutput {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
  }
}
