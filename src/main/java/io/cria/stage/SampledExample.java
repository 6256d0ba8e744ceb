package io.cria.stage;

/**
 * An example of a review's sample; a line of {@code sample.jsonl}.
 *
 * @param subject the example's id
 * @param isClassification as the example has it
 * @param length its third by words: {@code short}, {@code medium} or {@code long}
 * @param words of instruction, input and output
 */
public record SampledExample(
    String subject,
    boolean isClassification,
    String length,
    long words,
    String instruction,
    String input,
    String output) {}
