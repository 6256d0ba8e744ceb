package io.cria.ask;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * How often each content was asked for, by its key of 64 hexadecimal digits. Some 20 to 30 bytes a
 * key, so that the driver can hold those of millions of requests.
 *
 * <p>A key is the SHA-256 of the content; its first 96 bits stand for it, and tell as many keys
 * apart as a run can hold. Being evenly spread they are the place in the table, too. The table is
 * cut into segments that grow one at a time: growing needs no room for a second table. Not
 * thread-safe.
 */
public final class ContentCounts {
  private static final int KEY_DIGITS = 64;
  private static final int SEGMENTS = 256;
  private static final int FIRST_SLOTS = 10;

  /** Three words of the key and the count; a count of 0 marks a free slot. */
  private static final int FIELDS = 4;

  private final int[][] segments = new int[SEGMENTS][FIELDS * FIRST_SLOTS];
  private final int[] sizes = new int[SEGMENTS];

  private ContentCounts() {}

  /** Nothing was asked for yet. */
  public static ContentCounts empty() {
    return new ContentCounts();
  }

  /**
   * Counts a content once more.
   *
   * @return how often it was counted before
   * @throws IllegalArgumentException when the key is none
   */
  public int add(String hexKey) {
    return change(hexKey, 1, true);
  }

  /**
   * Sets how often a content was asked for.
   *
   * @param count at least 1
   * @throws IllegalArgumentException when the key is none, or the count less than 1
   */
  public void put(String hexKey, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count " + count + " of " + hexKey + ": at least 1");
    }
    change(hexKey, count, false);
  }

  /** Different contents. */
  public long size() {
    return Arrays.stream(sizes).asLongStream().sum();
  }

  private int change(String hexKey, int count, boolean adding) {
    if (hexKey.length() != KEY_DIGITS) {
      throw new IllegalArgumentException(
          "content key \"" + hexKey + "\": " + KEY_DIGITS + " hexadecimal digits are wanted");
    }
    int a = HexFormat.fromHexDigits(hexKey, 0, 8);
    int b = HexFormat.fromHexDigits(hexKey, 8, 16);
    int c = HexFormat.fromHexDigits(hexKey, 16, 24);
    int segment = a >>> 24;
    int[] table = segments[segment];
    int at = place(table, a, b, c);
    int before = table[at + 3];
    if (before == 0 && isFull(sizes[segment] + 1, table.length / FIELDS)) {
      table = grown(table);
      segments[segment] = table;
      at = place(table, a, b, c);
    }
    if (before == 0) {
      table[at] = a;
      table[at + 1] = b;
      table[at + 2] = c;
      sizes[segment]++;
    }
    table[at + 3] = adding ? Math.addExact(before, count) : count;
    return before;
  }

  /** Beyond four fifths. */
  private static boolean isFull(int keys, int slots) {
    return keys * 5L > slots * 4L;
  }

  /** Where the key stands, or the free slot in which it belongs. */
  private static int place(int[] table, int a, int b, int c) {
    int slots = table.length / FIELDS;
    int at = FIELDS * (int) ((Integer.toUnsignedLong(b) * slots) >>> 32);
    while (table[at + 3] != 0 && !(table[at] == a && table[at + 1] == b && table[at + 2] == c)) {
      at = at + FIELDS == table.length ? 0 : at + FIELDS;
    }
    return at;
  }

  /** The same keys in half as many slots again. */
  private static int[] grown(int[] old) {
    int slots = old.length / FIELDS;
    int[] table = new int[FIELDS * Math.addExact(slots, slots / 2)];
    for (int at = 0; at < old.length; at += FIELDS) {
      if (old[at + 3] != 0) {
        System.arraycopy(old, at, table, place(table, old[at], old[at + 1], old[at + 2]), FIELDS);
      }
    }
    return table;
  }
}
