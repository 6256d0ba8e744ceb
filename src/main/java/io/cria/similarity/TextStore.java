package io.cria.similarity;

import java.util.Arrays;

/**
 * Token ids of many texts, in pages; a text lies within one page, a text longer than a page has its
 * own. Text i is {@code page(i)[offset(i) .. offset(i) + length(i))}.
 */
final class TextStore {
  private static final int PAGE_BITS = 16;
  private static final int PAGE = 1 << PAGE_BITS;

  private int[][] pages = new int[8][];
  private int pageCount;
  private int used;
  private int[] addresses = new int[256];
  private int[] lengths = new int[256];
  private int size;

  int size() {
    return size;
  }

  int length(int text) {
    return lengths[text];
  }

  int[] page(int text) {
    return pages[addresses[text] >>> PAGE_BITS];
  }

  int offset(int text) {
    return addresses[text] & (PAGE - 1);
  }

  /** Reads a text's beginning, so that it is in the cache soon after. */
  int touch(int text) {
    int[] page = page(text);
    int offset = offset(text);
    return offset < page.length ? page[offset] : 0;
  }

  /** Appends a text and gives its number. */
  int add(int[] tokens, int from, int length) {
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, size + (size >> 1));
      lengths = Arrays.copyOf(lengths, size + (size >> 1));
    }
    if (pageCount == 0 || used + length > PAGE) {
      newPage(Math.max(PAGE, length));
    }
    System.arraycopy(tokens, from, pages[pageCount - 1], used, length);
    addresses[size] = ((pageCount - 1) << PAGE_BITS) | (used & (PAGE - 1));
    lengths[size] = length;
    used += length;
    return size++;
  }

  /** Appends text {@code text} of another store. */
  int add(TextStore other, int text) {
    return add(other.page(text), other.offset(text), other.length(text));
  }

  private void newPage(int length) {
    if (pageCount == 1 << (32 - PAGE_BITS)) {
      throw new IllegalStateException(
          "more tokens than one index can hold, " + ((long) pageCount << PAGE_BITS));
    }
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, pageCount * 2);
    }
    pages[pageCount++] = new int[length];
    used = 0;
  }
}
