package io.cria.tokenizer;

import io.cria.task.Example;
import java.util.List;

/** How an example is laid out for a model: which text stands where, and which of it is learnt. */
public interface PromptTemplate {
  /** The whole example; its answers, each with the token that ends it, are the learnt segments. */
  List<Segment> training(Example example);

  /** The same up to where the (last) answer begins: what generation starts from. */
  List<TextPiece> prompt(String instruction, String input);

  /** The text of the token that ends an answer, at which generation stops. */
  String end();

  /** Lower-case hexadecimal SHA-256 of everything that decides the layout. */
  String hash();
}
