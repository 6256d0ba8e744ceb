package io.cria.select;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * A list of texts in one array of UTF-8: what travels between driver and executors, about as large
 * as the texts and cheap to serialise. Each access makes a new string. Unpaired surrogates do not
 * survive.
 */
public final class Texts extends AbstractList<String> implements RandomAccess, Serializable {
  private static final long serialVersionUID = 1L;

  /** That one list should hold, well below what an array can. */
  static final int MOST_BYTES = 1 << 28;

  private final byte[] utf8;
  private final int[] ends;

  private Texts(byte[] utf8, int[] ends) {
    this.utf8 = utf8;
    this.ends = ends;
  }

  public static Texts of(List<String> texts) {
    Builder builder = new Builder();
    texts.forEach(builder::add);
    return builder.build();
  }

  /** The texts in order, in lists of up to {@link #MOST_BYTES} and the text that reaches them. */
  static List<Texts> parts(List<String> texts) {
    List<Texts> parts = new ArrayList<>();
    Builder builder = new Builder();
    for (String text : texts) {
      builder.add(text);
      if (builder.bytes() >= MOST_BYTES) {
        parts.add(builder.build());
        builder = new Builder();
      }
    }
    if (builder.size() > 0) {
      parts.add(builder.build());
    }
    return parts;
  }

  @Override
  public String get(int i) {
    int start = i == 0 ? 0 : ends[i - 1];
    return new String(utf8, start, ends[i] - start, StandardCharsets.UTF_8);
  }

  @Override
  public int size() {
    return ends.length;
  }

  /** Bytes of all texts. */
  int bytes() {
    return utf8.length;
  }

  /** Collects texts. */
  public static final class Builder {
    private static final int ARRAY_LIMIT = Integer.MAX_VALUE - 8;

    private byte[] utf8 = new byte[1 << 12];
    private int[] ends = new int[1 << 7];
    private int bytes;
    private int count;

    public void add(String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      if (utf8.length - bytes < encoded.length) {
        long least = (long) bytes + encoded.length;
        if (least > ARRAY_LIMIT) {
          throw new IllegalStateException(
              "more than " + ARRAY_LIMIT + " bytes of text in one list: hand them over in parts");
        }
        utf8 = Arrays.copyOf(utf8, (int) Math.min(Math.max(least, 2L * utf8.length), ARRAY_LIMIT));
      }
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, count * 2);
      }
      System.arraycopy(encoded, 0, utf8, bytes, encoded.length);
      bytes += encoded.length;
      ends[count++] = bytes;
    }

    public int size() {
      return count;
    }

    public int bytes() {
      return bytes;
    }

    public Texts build() {
      return new Texts(Arrays.copyOf(utf8, bytes), Arrays.copyOf(ends, count));
    }
  }
}
