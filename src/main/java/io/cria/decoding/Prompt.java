package io.cria.decoding;

import io.cria.task.Conversation;
import java.util.List;

/** What a model is to go on from. */
public sealed interface Prompt {
  /** A chat, whose last message is to be answered. */
  record Chat(Conversation conversation) implements Prompt {}

  /** A text as it stands; control tokens written in it are letters. */
  record Text(String text) implements Prompt {}

  /** The ids of a text's tokens, taken as they are. */
  record Ids(List<Integer> ids) implements Prompt {
    public Ids {
      ids = List.copyOf(ids);
    }
  }
}
