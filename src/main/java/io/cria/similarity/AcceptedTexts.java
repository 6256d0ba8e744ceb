package io.cria.similarity;

import io.cria.task.Instruction;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.RandomAccess;

/**
 * The ids and texts of a growing pool as bytes in pages, without an object for each: some 50 bytes
 * and the text's UTF-8. What is read is decoded anew each time.
 *
 * <p>An entry lies within one page: a byte of flags, the id, the text. An id is 32 bytes and a
 * number where it is 64 small hexadecimal digits, {@code #} and a number, as a candidate's is; else
 * a string. A string is its length in bytes and the bytes: UTF-8, or the UTF-16 units where it has
 * unpaired surrogates, which no charset carries. Numbers are in groups of seven bits, the lowest
 * first, each but the last with the eighth bit set. Not thread-safe.
 */
final class AcceptedTexts {
  /** So small that the collector takes a page for a usual object. */
  private static final int PAGE = (1 << 18) - 64;

  private static final int KEY_DIGITS = 64;
  private static final int KEY_BYTES = KEY_DIGITS / 2;
  private static final HexFormat HEX = HexFormat.of();

  private static final int CANDIDATE_ID = 1;
  private static final int WIDE_ID = 2;
  private static final int WIDE_TEXT = 4;

  private byte[][] pages = new byte[8][];
  private int pageCount;
  private int used = PAGE;

  /** Of each entry its page, in the high half, and where it begins there. */
  private long[] places = new long[256];

  private int size;

  private byte[] entry = new byte[1 << 10];
  private int entrySize;

  private final List<Instruction> view = new View();

  int size() {
    return size;
  }

  /** Everything appended so far and later, in order; unmodifiable, with random access. */
  List<Instruction> view() {
    return view;
  }

  void append(Instruction instruction) {
    encode(instruction);
    if (used + entrySize > PAGE) {
      newPage(Math.max(PAGE, entrySize));
    }
    System.arraycopy(entry, 0, pages[pageCount - 1], used, entrySize);
    if (size == places.length) {
      places = Arrays.copyOf(places, size + (size >> 1));
    }
    places[size++] = ((long) (pageCount - 1) << 32) | used;
    used += entrySize;
  }

  private void newPage(int length) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, pageCount * 2);
    }
    pages[pageCount++] = new byte[length];
    used = 0;
  }

  private void encode(Instruction instruction) {
    String id = instruction.id();
    String text = instruction.text();
    int item = item(id);
    entrySize = 1;
    int flags = 0;
    if (item >= 0) {
      flags |= CANDIDATE_ID;
      put(HEX.parseHex(id, 0, KEY_DIGITS));
      put(item);
    } else {
      flags |= putString(id) ? WIDE_ID : 0;
    }
    flags |= putString(text) ? WIDE_TEXT : 0;
    entry[0] = (byte) flags;
  }

  /** The item of a candidate's id; -1 when the id has another form. */
  private static int item(String id) {
    int digits = id.length() - KEY_DIGITS - 1;
    if (digits < 1 || digits > 9 || id.charAt(KEY_DIGITS) != '#') {
      return -1;
    }
    for (int i = 0; i < KEY_DIGITS; i++) {
      char c = id.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return -1;
      }
    }
    int item = 0;
    for (int i = KEY_DIGITS + 1; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      item = 10 * item + c - '0';
    }
    boolean hasLeadingZero = digits > 1 && id.charAt(KEY_DIGITS + 1) == '0';
    return hasLeadingZero ? -1 : item;
  }

  /** Whether it took UTF-16 units. */
  private boolean putString(String string) {
    boolean wide = hasUnpairedSurrogate(string);
    byte[] bytes = wide ? units(string) : string.getBytes(StandardCharsets.UTF_8);
    put(bytes.length);
    put(bytes);
    return wide;
  }

  private static boolean hasUnpairedSurrogate(String string) {
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < string.length()
                && Character.isLowSurrogate(string.charAt(i + 1));
        if (!paired) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /** Two bytes for each UTF-16 unit; the JDK's charset would replace an unpaired surrogate. */
  private static byte[] units(String string) {
    byte[] bytes = new byte[2 * string.length()];
    for (int i = 0; i < string.length(); i++) {
      bytes[2 * i] = (byte) (string.charAt(i) >>> 8);
      bytes[2 * i + 1] = (byte) string.charAt(i);
    }
    return bytes;
  }

  private void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, entry, entrySize, bytes.length);
    entrySize += bytes.length;
  }

  private void put(int number) {
    room(5);
    int rest = number;
    while (rest > 0x7F) {
      entry[entrySize++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    entry[entrySize++] = (byte) rest;
  }

  private void room(int bytes) {
    if (entrySize + bytes > entry.length) {
      entry = Arrays.copyOf(entry, Math.max(entrySize + bytes, 2 * entry.length));
    }
  }

  /** The id of entry {@code i}. */
  String id(int i) {
    return cursor(i).id();
  }

  private Cursor cursor(int i) {
    if (i < 0 || i >= size) {
      throw new IndexOutOfBoundsException("text " + i + " of " + size + " accepted");
    }
    return new Cursor(pages[(int) (places[i] >>> 32)], (int) places[i]);
  }

  /** Reads one entry: the id, then the text. */
  private static final class Cursor {
    private final byte[] page;
    private final int flags;
    private int at;

    Cursor(byte[] page, int start) {
      this.page = page;
      this.flags = page[start];
      this.at = start + 1;
    }

    Instruction instruction() {
      String id = id();
      return new Instruction(id, string((flags & WIDE_TEXT) != 0));
    }

    String id() {
      if ((flags & CANDIDATE_ID) == 0) {
        return string((flags & WIDE_ID) != 0);
      }
      String key = HEX.formatHex(page, at, at + KEY_BYTES);
      at += KEY_BYTES;
      return key + "#" + number();
    }

    private String string(boolean wide) {
      int length = number();
      int start = at;
      at += length;
      if (!wide) {
        return new String(page, start, length, StandardCharsets.UTF_8);
      }
      char[] units = new char[length / 2];
      for (int i = 0; i < units.length; i++) {
        units[i] = (char) (page[start + 2 * i] << 8 | (page[start + 2 * i + 1] & 0xFF));
      }
      return new String(units);
    }

    private int number() {
      int number = 0;
      for (int shift = 0; ; shift += 7) {
        byte group = page[at++];
        number |= (group & 0x7F) << shift;
        if (group >= 0) {
          return number;
        }
      }
    }
  }

  private final class View extends AbstractList<Instruction> implements RandomAccess {
    @Override
    public int size() {
      return size;
    }

    @Override
    public Instruction get(int index) {
      return cursor(index).instruction();
    }
  }
}
