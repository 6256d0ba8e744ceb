package io.cria.view;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A text that is looked for in UTF-8 bytes, whatever the case of its letters: each character is
 * found as it is, in lower, upper and title case. Thread-safe.
 */
final class Needle {
  /** For each character the ways in which it may be written, as bytes. */
  private final byte[][][] ways;

  private final boolean[] begins = new boolean[256];

  Needle(String text) {
    List<byte[][]> characters = new ArrayList<>();
    text.codePoints().forEach(character -> characters.add(ways(character)));
    ways = characters.toArray(byte[][][]::new);
    if (ways.length > 0) {
      for (byte[] way : ways[0]) {
        begins[way[0] & 0xFF] = true;
      }
    }
  }

  private static byte[][] ways(int character) {
    Set<String> written = new TreeSet<>();
    int lower = Character.toLowerCase(character);
    for (int each :
        new int[] {
          character,
          lower,
          Character.toUpperCase(character),
          Character.toTitleCase(character),
          Character.toUpperCase(lower),
          Character.toLowerCase(Character.toUpperCase(character))
        }) {
      written.add(Character.toString(each));
    }
    return written.stream().map(one -> one.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  /** Whether it is anywhere in {@code bytes[from, to)}. */
  boolean isIn(byte[] bytes, int from, int to) {
    if (ways.length == 0) {
      return true;
    }
    int last = to - ways.length;
    for (int at = from; at <= last; at++) {
      if (begins[bytes[at] & 0xFF] && isAt(bytes, at, to)) {
        return true;
      }
    }
    return false;
  }

  private boolean isAt(byte[] bytes, int start, int to) {
    int at = start;
    for (byte[][] character : ways) {
      int length = written(character, bytes, at, to);
      if (length == 0) {
        return false;
      }
      at += length;
    }
    return true;
  }

  /** How many bytes a character takes at a place; 0 where it is not there. */
  private static int written(byte[][] character, byte[] bytes, int at, int to) {
    for (byte[] way : character) {
      if (at + way.length <= to && isWay(way, bytes, at)) {
        return way.length;
      }
    }
    return 0;
  }

  private static boolean isWay(byte[] way, byte[] bytes, int at) {
    for (int i = 0; i < way.length; i++) {
      if (bytes[at + i] != way[i]) {
        return false;
      }
    }
    return true;
  }
}
