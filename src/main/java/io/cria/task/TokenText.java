package io.cria.task;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What one token adds to a text: bytes of UTF-8, which need not be whole characters. Immutable.
 *
 * <p>{@link #toString()} is how OpenAI's interface writes it: the text, or {@code bytes:\xe2\x80}
 * where the bytes are none.
 */
public final class TokenText {
  private final byte[] bytes;

  private TokenText(byte[] bytes) {
    this.bytes = bytes;
  }

  public static TokenText of(byte[] utf8) {
    return new TokenText(utf8.clone());
  }

  public static TokenText of(String text) {
    return new TokenText(text.getBytes(StandardCharsets.UTF_8));
  }

  public int length() {
    return bytes.length;
  }

  /** The byte at a place, 0 to 255. */
  public int at(int place) {
    return bytes[place] & 0xFF;
  }

  /** The bytes, each 0 to 255. */
  public List<Integer> bytes() {
    List<Integer> values = new ArrayList<>(bytes.length);
    for (byte each : bytes) {
      values.add(each & 0xFF);
    }
    return values;
  }

  /** How many characters begin here; one that goes on from the token before is not counted. */
  public int characters() {
    int count = 0;
    for (byte each : bytes) {
      count += (each & 0xC0) == 0x80 ? 0 : 1;
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenText text && Arrays.equals(text.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder("bytes:");
      for (byte each : bytes) {
        text.append(String.format(Locale.ROOT, "\\x%02x", each & 0xFF));
      }
      return text.toString();
    }
  }
}
