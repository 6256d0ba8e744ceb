package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.TokenText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What each token of a vocabulary adds to a text, as the tokenizer's decoder puts tokens together:
 * of byte-level vocabularies the bytes that its letters stand for, of SentencePiece's the text with
 * ▁ as a space, or the one byte of {@code <0xE2>}. Immutable.
 */
public final class TokenTexts {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final char SPACE = '\u2581';
  private static final int LAST_LATIN = 0xFF;
  private static final TokenText NONE = TokenText.of("");

  private final TokenText[] texts;
  private final BitSet control;

  private TokenTexts(TokenText[] texts, BitSet control) {
    this.texts = texts;
    this.control = control;
  }

  static TokenTexts of(Vocabulary vocabulary) {
    TokenText[] texts = new TokenText[vocabulary.size()];
    Arrays.fill(texts, NONE);
    Set<String> added = new HashSet<>(vocabulary.added());
    boolean byteLevel = has(vocabulary.json().path("decoder"), "ByteLevel");
    Map<Character, Integer> letters = letters();
    vocabulary
        .ids()
        .forEach(
            (token, id) ->
                texts[id] =
                    added.contains(token)
                        ? TokenText.of(token)
                        : byteLevel ? ofLetters(token, letters) : ofPiece(token));
    BitSet control = new BitSet();
    vocabulary.control().values().forEach(control::set);
    return new TokenTexts(texts, control);
  }

  /** One more than the largest id. */
  public int size() {
    return texts.length;
  }

  /** The text of a token, of a control token its name; empty for an id that is no token. */
  public TokenText of(int id) {
    return id < texts.length ? texts[id] : NONE;
  }

  /** Whether it steers the model, and is left out of what is written. */
  public boolean isControl(int id) {
    return control.get(id);
  }

  private static boolean has(JsonNode decoder, String type) {
    if (decoder.path("type").asText().equals(type)) {
      return true;
    }
    for (JsonNode each : decoder.path("decoders")) {
      if (has(each, type)) {
        return true;
      }
    }
    return false;
  }

  /** The letters by which byte-level vocabularies write bytes: visible ones are themselves. */
  private static Map<Character, Integer> letters() {
    Map<Character, Integer> letters = new HashMap<>();
    int hidden = 0;
    for (int value = 0; value <= LAST_LATIN; value++) {
      boolean visible =
          (value >= '!' && value <= '~')
              || (value >= 0xA1 && value <= 0xAC)
              || (value >= 0xAE && value <= LAST_LATIN);
      letters.put((char) (visible ? value : LAST_LATIN + 1 + hidden++), value);
    }
    return letters;
  }

  private static TokenText ofLetters(String token, Map<Character, Integer> letters) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < token.length(); i++) {
      Integer value = letters.get(token.charAt(i));
      if (value == null) {
        return TokenText.of(token);
      }
      bytes.write(value);
    }
    return TokenText.of(bytes.toByteArray());
  }

  private static TokenText ofPiece(String token) {
    if (BYTE.matcher(token).matches()) {
      int value = Integer.parseInt(token.substring(3, 5), 16);
      return TokenText.of(new byte[] {(byte) value});
    }
    return TokenText.of(token.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8));
  }
}
