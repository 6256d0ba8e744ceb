package io.cria.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ScoredToken;
import java.util.List;
import java.util.Optional;

/** How a route writes its answers, whole and in events. */
interface AnswerForm {
  /** The whole answer. */
  ObjectNode whole(List<Choice> choices);

  /** The event before a choice's first piece; empty where the route has none. */
  Optional<ObjectNode> opening(int choice);

  /** The event of a piece of a choice's text. */
  ObjectNode piece(int choice, String more, List<ScoredToken> tokens);

  /** The events of the whole of a choice. */
  default List<ObjectNode> pieces(int choice, Choice whole) {
    return List.of(piece(choice, whole.text(), whole.tokens()));
  }

  /** The event that ends a choice. */
  ObjectNode closing(int choice, Choice whole);

  /** The event that tells the tokens used. */
  ObjectNode usage(List<Choice> choices);
}
