package io.cria.text;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts a text into the tokens that the similarity rule compares. A tokenizer is a fixed rule under
 * a fixed name: the name stands in a run's identity, and a rule that changes takes a new name.
 * Thread-safe.
 */
public interface Tokenizer {
  /**
   * Receives tokens one by one, as slices of a buffer that belongs to the tokenizer and is reused
   * after the call.
   */
  @FunctionalInterface
  interface Sink {
    /** One token: the characters {@code [start, end)} of {@code buffer}; never empty. */
    void token(char[] buffer, int start, int end);
  }

  /**
   * A token and where it stands.
   *
   * @param text as it is compared
   * @param start of its characters in the text that was cut
   * @param end behind the last of them
   */
  record Placed(String text, int start, int end) {}

  /** The name in configurations, such as {@code rouge-en}. */
  String name();

  /** Hands the tokens of {@code text} to {@code sink} in order, making no strings. */
  void scan(String text, Sink sink);

  /** The tokens of {@code text} in order; empty when it has none. */
  default List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    scan(text, (buffer, start, end) -> tokens.add(new String(buffer, start, end - start)));
    return tokens;
  }

  /**
   * Where the buffer's places lie: for each place of the buffer that {@link #scan} hands on, and
   * for its end, the place in {@code text}. The same ones, unless the tokenizer lengthens or
   * shortens what it reads.
   */
  default int[] places(String text) {
    return IntStream.rangeClosed(0, text.length()).toArray();
  }

  /** The tokens of {@code text} in order, with their places in it. */
  default List<Placed> placed(String text) {
    int[] places = places(text);
    List<Placed> tokens = new ArrayList<>();
    scan(
        text,
        (buffer, start, end) ->
            tokens.add(
                new Placed(new String(buffer, start, end - start), places[start], places[end])));
    return tokens;
  }

  /**
   * The tokenizer of that name.
   *
   * @throws CriaException (bad input) for an unknown name
   */
  static Tokenizer named(String name) {
    return switch (name) {
      case TokenizerRougeEn.NAME -> TokenizerRougeEn.INSTANCE;
      case TokenizerRougeStem.NAME -> TokenizerRougeStem.INSTANCE;
      case TokenizerUnicode.NAME -> TokenizerUnicode.INSTANCE;
      case TokenizerKorean.NAME -> TokenizerKorean.INSTANCE;
      default ->
          throw CriaException.badInput(
              "unknown tokenizer, '"
                  + name
                  + "': use "
                  + TokenizerRougeEn.NAME
                  + " (the published rule, English), "
                  + TokenizerRougeStem.NAME
                  + " (the same with stems, as answers are scored), "
                  + TokenizerKorean.NAME
                  + " (syllables without particles and endings) or "
                  + TokenizerUnicode.NAME
                  + " (every script)");
    };
  }
}
