package io.cria.task;

import java.util.List;
import java.util.Locale;

/**
 * What a dataset holds, in the terms of Table 1 of Self-Instruct (arXiv 2212.10560). A word is a
 * run of characters that are not white space.
 *
 * @param instructions different instructions
 * @param classification of which are classification tasks
 * @param instances examples
 * @param emptyInputs of which have an empty input
 * @param instructionWords mean length of an instruction, in words; 0 where there is none
 * @param inputWords of an input that is not empty
 * @param outputWords of an output
 */
public record DatasetStatistics(
    long instructions,
    long classification,
    long instances,
    long emptyInputs,
    double instructionWords,
    double inputWords,
    double outputWords) {
  /** A line of the table. */
  public record Row(String name, String value) {}

  public long otherInstructions() {
    return instructions - classification;
  }

  /** The lines of the table, in the paper's order. */
  public List<Row> rows() {
    return List.of(
        row("instructions", instructions),
        row("- classification instructions", classification),
        row("- non-classification instructions", otherInstructions()),
        row("instances", instances),
        row("- instances with empty input", emptyInputs),
        row("average instruction length (words)", instructionWords),
        row("average non-empty input length (words)", inputWords),
        row("average output length (words)", outputWords));
  }

  private static Row row(String name, long count) {
    return new Row(name, String.format(Locale.ROOT, "%,d", count));
  }

  private static Row row(String name, double mean) {
    return new Row(name, String.format(Locale.ROOT, "%.1f", mean));
  }
}
