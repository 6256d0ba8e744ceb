package io.cria.template;

/** Why an example is not learnt. */
public enum Refusal {
  /** The template raises an exception on the chat. */
  TEMPLATE("the chat template refuses the chat"),
  /** The rendered answer does not go on from the rendered prompt. */
  PROMPT_DIFFERS("the prompt is another text than what the answer stands behind in the template"),
  /** There is no turn of the assistant. */
  NO_ANSWER("there is no answer"),
  /** The answer is not in the rendered text as it was given. */
  ANSWER_CHANGED("the template changes or leaves out the answer"),
  /** No control token follows the answer. */
  NO_END("no token ends the answer"),
  /** Nothing stands before the answer. */
  ALL_LEARNT("nothing stands before the answer"),
  /** No token would be learnt. */
  NOTHING_LEARNT("nothing would be learnt"),
  /** The layout is for single tasks, the example is another kind of chat. */
  MANY_TURNS("the layout is for single tasks, and the chat is more than a question and its answer");

  private final String meaning;

  Refusal(String meaning) {
    this.meaning = meaning;
  }

  /** For a person. */
  public String meaning() {
    return meaning;
  }
}
