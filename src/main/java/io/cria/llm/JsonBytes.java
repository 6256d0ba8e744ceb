package io.cria.llm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows an array of bytes by JSON in UTF-8, strings spelled as {@link CanonicalJson} says. */
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /**
   * By byte: 0 stands for itself, a question mark too but may have been something else, 1 is
   * written as six characters, others follow a backslash.
   */
  private static final byte[] ESCAPES = new byte[256];

  static {
    Arrays.fill(ESCAPES, 0, 0x20, (byte) 1);
    ESCAPES['?'] = '?';
    ESCAPES['"'] = '"';
    ESCAPES['\\'] = '\\';
    ESCAPES['\b'] = 'b';
    ESCAPES['\t'] = 't';
    ESCAPES['\n'] = 'n';
    ESCAPES['\f'] = 'f';
    ESCAPES['\r'] = 'r';
  }

  private byte[] bytes;
  private int size;

  JsonBytes(int expectedSize) {
    bytes = new byte[Math.max(64, expectedSize)];
  }

  /** What the bytes lie in; they are the first {@link #size}. */
  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  JsonBytes put(char ascii) {
    room(1);
    bytes[size++] = (byte) ascii;
    return this;
  }

  /** Puts characters of ASCII as they are. */
  JsonBytes ascii(String text) {
    int length = text.length();
    room(length);
    for (int i = 0; i < length; i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
    return this;
  }

  /** Puts a string with its quotes. */
  JsonBytes string(String s) {
    byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
    put('"');
    int begin = size;
    // a lone surrogate has become a question mark there
    if (!escaped(utf8, true)) {
      size = begin;
      if (hasLoneSurrogate(s)) {
        characters(s);
      } else {
        escaped(utf8, false);
      }
    }
    return put('"');
  }

  private static boolean hasLoneSurrogate(String s) {
    for (int i = 0; i < s.length(); i++) {
      if (Character.isSurrogate(s.charAt(i))) {
        if (!isPair(s, i)) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static boolean isPair(String s, int at) {
    return Character.isHighSurrogate(s.charAt(at))
        && at + 1 < s.length()
        && Character.isLowSurrogate(s.charAt(at + 1));
  }

  /** Puts UTF-8; false, with a part put, when it is wary and meets a question mark. */
  private boolean escaped(byte[] utf8, boolean wary) {
    room(utf8.length);
    int from = 0;
    for (int i = 0; i < utf8.length; i++) {
      byte escape = ESCAPES[utf8[i] & 0xff];
      if (escape == '?') {
        if (wary) {
          return false;
        }
      } else if (escape != 0) {
        copy(utf8, from, i);
        escape(escape, utf8[i]);
        from = i + 1;
      }
    }
    copy(utf8, from, utf8.length);
    return true;
  }

  private void copy(byte[] source, int from, int to) {
    room(to - from);
    System.arraycopy(source, from, bytes, size, to - from);
    size += to - from;
  }

  private void escape(byte escape, int character) {
    room(6);
    bytes[size++] = '\\';
    if (escape == 1) {
      hexadecimal(character);
    } else {
      bytes[size++] = escape;
    }
  }

  private void hexadecimal(int character) {
    bytes[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[size++] = HEX[(character >> shift) & 0xf];
    }
  }

  /** The slow way, for strings with surrogates that have no partner. */
  private void characters(String s) {
    int from = 0;
    for (int i = 0; i < s.length(); i++) {
      if (Character.isSurrogate(s.charAt(i))) {
        if (isPair(s, i)) {
          i++;
        } else {
          escaped(s.substring(from, i).getBytes(StandardCharsets.UTF_8), false);
          room(6);
          bytes[size++] = '\\';
          hexadecimal(s.charAt(i));
          from = i + 1;
        }
      }
    }
    escaped(s.substring(from).getBytes(StandardCharsets.UTF_8), false);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      long wanted = Math.max((long) size + more, bytes.length * 2L);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }
}
