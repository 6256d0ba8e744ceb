package io.cria.task;

/**
 * What one example teaches, in every form that a layout may ask for.
 *
 * @param instruction the instruction; examples with the same one are held out together
 * @param input empty where there is none
 * @param output the answer
 * @param prompt the encoded prompt of the fine-tuning pair
 * @param completion the encoded completion
 * @param conversation the same as a chat
 * @param singleTask whether the chat is no more than a question and its answer
 */
public record TrainingExample(
    String instruction,
    String input,
    String output,
    String prompt,
    String completion,
    Conversation conversation,
    boolean singleTask) {
  /** A row of a dataset. */
  public static TrainingExample of(Example example) {
    return new TrainingExample(
        example.instruction(),
        example.input(),
        example.output(),
        example.prompt(),
        example.completion(),
        example.messages().isEmpty()
            ? Conversation.answered(example.instruction(), example.input(), example.output())
            : Conversation.of(example.messages()),
        true);
  }

  /**
   * An instruction and its answer.
   *
   * @param input may be empty
   */
  public static TrainingExample task(String instruction, String input, String output) {
    return new TrainingExample(
        instruction,
        input,
        output,
        Example.plainPrompt(instruction, input),
        output,
        Conversation.answered(instruction, input, output),
        true);
  }

  /**
   * A chat.
   *
   * @param instruction what the user says first
   */
  public static TrainingExample chat(String instruction, Conversation conversation) {
    return new TrainingExample(instruction, "", "", "", "", conversation, false);
  }
}
