package io.cria.evaluate;

/**
 * What an answerer is asked.
 *
 * @param id of the item, with {@code /a} or {@code /b} where it is asked in two forms
 * @param section of the item
 * @param instruction what is to be done
 * @param input what it is to be done with; may be empty
 */
public record TaskPrompt(String id, Section section, String instruction, String input) {
  /** Instruction and input as one message. */
  public String message() {
    return input.isEmpty() ? instruction : instruction + "\n\n" + input;
  }
}
