package io.cria.task;

/** Hears what a model writes while it writes. */
@FunctionalInterface
public interface TextListener {
  /**
   * Called from the thread that generates. What was heard, one after the other, is the answer; a
   * text that may yet turn out to begin a stop text, and a character that is not whole, are held
   * back until that is known.
   *
   * @param more what has come since the last call; may be empty
   * @return whether the model is to go on
   */
  boolean hear(String more);
}
