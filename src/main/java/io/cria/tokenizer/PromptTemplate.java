package io.cria.tokenizer;

import io.cria.task.Conversation;
import io.cria.task.TrainingExample;
import java.util.List;

/** How an example is laid out for a model: which text stands where, and which of it is learnt. */
public interface PromptTemplate {
  /** The whole example; its answers, each with the token that ends it, are the learnt segments. */
  TrainingText training(TrainingExample example);

  /**
   * A chat up to where the next answer begins: what generation starts from.
   *
   * @throws io.cria.task.CriaException (bad input) when the layout does not take such a chat
   */
  List<TextPiece> prompt(Conversation conversation);

  /** The same for one task, whose input may be empty. */
  List<TextPiece> prompt(String instruction, String input);

  /** The text of the token that ends an answer, at which generation stops; may be empty. */
  String end();

  /** Whether it has the model call tools, as {@link io.cria.template.ToolCalls} reads them. */
  default boolean callsTools() {
    return false;
  }

  /** Lower-case hexadecimal SHA-256 of everything that decides the layout. */
  String hash();
}
