package io.cria.similarity;

import java.util.Arrays;

/**
 * Posting lists under keys, each key with a list for short-role entries and one for the others. A
 * posting is two longs: the signature's low 64 bits; and its high 23 bits, the length in 9
 * (saturated), the text's id in 32. Ids ascend within a list. Readers may run in parallel while
 * nobody adds.
 *
 * <p>A list lies contiguously in a page, in a block whose capacity is the least power of two; when
 * full it moves to a block of twice the size and leaves its own to lists that grow to it. So a list
 * costs one cache miss to reach and no object; the places of small lists are never wasted.
 */
final class Postings {
  private static final int PAGE_BITS = 15;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int PAGE_MASK = PAGE - 1;

  /** Per key: address and count of the short-role list, address and count of the other. */
  private static final int FIELDS = 4;

  private static final int SMALLEST_TABLE = 1 << 8;
  private static final int NOTHING = -1;

  private long[][] pages = new long[4][];
  private int pageCount;
  private int used = PAGE;

  /**
   * By the logarithm of the capacity: the latest free block; the first long of a free block is the
   * next.
   */
  private final int[] free = new int[31];

  private int[] singles = new int[FIELDS * SMALLEST_TABLE];
  private int[] pairs = new int[FIELDS * SMALLEST_TABLE];
  private long[] pairKeys = new long[SMALLEST_TABLE];
  private int pairCount;
  private int[] touchedSingles = new int[64];
  private int touchedCount;

  Postings() {
    Arrays.fill(free, NOTHING);
  }

  /**
   * The lists that one probe has to go through. Filled in three passes of independent loads, so
   * that the processor waits for many cache misses at once instead of for one after the other.
   */
  static final class Lists {
    private int size;
    private int[] at = new int[64];
    private int[] addresses = new int[128];
    private int[] counts = new int[128];
    private long[][] pages = new long[0][];

    /** Sum of what was read ahead; kept so that the reading is not optimised away. */
    long touched;

    int size() {
      return size;
    }

    /** The page that holds list i. */
    long[] page(int i) {
      return pages[addresses[i] >>> PAGE_BITS];
    }

    /** Where list i begins in its page. */
    int start(int i) {
      return addresses[i] & PAGE_MASK;
    }

    /** Behind the end of list i: two longs a posting. */
    int end(int i) {
      return start(i) + 2 * counts[i];
    }

    private void add(int address, int count) {
      addresses[size] = address;
      counts[size++] = count;
    }
  }

  /** Sets {@code lists} to the non-empty ones under the keys, in the keys' order. */
  void open(Keys keys, Lists lists) {
    int count = keys.count();
    if (lists.at.length < count) {
      lists.at = new int[count * 2];
      lists.addresses = new int[count * 4];
      lists.counts = new int[count * 4];
    }
    lists.size = 0;
    lists.pages = pages;
    for (int i = 0; i < count; i++) {
      long key = keys.key(i);
      lists.at[i] = FIELDS * (Keys.isSingle(key) ? Keys.token(key) : pairSlot(pairKeys, key));
    }
    for (int i = 0; i < count; i++) {
      int[] fields = Keys.isSingle(keys.key(i)) ? singles : pairs;
      int at = lists.at[i];
      if (at < fields.length) {
        if (fields[at + 1] > 0) {
          lists.add(fields[at], fields[at + 1]);
        }
        if (fields[at + 3] > 0 && keys.isShort(i)) {
          lists.add(fields[at + 2], fields[at + 3]);
        }
      }
    }
    long touched = 0;
    for (int i = 0; i < lists.size; i++) {
      touched += lists.page(i)[lists.start(i)];
    }
    lists.touched = touched;
  }

  /** Appends to the list of {@code key}; {@code id} is above every id in it. */
  void add(long key, boolean shortRole, long low, long word) {
    int role = shortRole ? 0 : 2;
    if (Keys.isSingle(key)) {
      int at = FIELDS * Keys.token(key);
      if (at >= singles.length) {
        singles = Arrays.copyOf(singles, Math.max(at + FIELDS, singles.length * 2));
      }
      if (singles[at + 1] + singles[at + 3] == 0) {
        touch(Keys.token(key));
      }
      append(singles, at + role, low, word);
    } else {
      int slot = pairSlot(pairKeys, key);
      if (pairKeys[slot] == 0) {
        if (pairCount * 3L > pairKeys.length * 2L) {
          growPairs();
          slot = pairSlot(pairKeys, key);
        }
        pairKeys[slot] = key + 1;
        pairCount++;
      }
      append(pairs, FIELDS * slot + role, low, word);
    }
  }

  /** The posting's second word. */
  static long word(long high, int length, int id) {
    return (high << 41) | ((long) Math.min(length, RequiredLcs.LENGTH_LIMIT) << 32) | id;
  }

  /** Removes everything, keeping the memory for as much again. */
  void clear() {
    for (int i = 0; i < touchedCount; i++) {
      int at = FIELDS * touchedSingles[i];
      singles[at + 1] = 0;
      singles[at + 3] = 0;
    }
    touchedCount = 0;
    if (pairCount > 0) {
      Arrays.fill(pairKeys, 0);
      Arrays.fill(pairs, 0);
      pairCount = 0;
    }
    Arrays.fill(free, NOTHING);
    pageCount = 0;
    used = PAGE;
  }

  private void touch(int token) {
    if (touchedCount == touchedSingles.length) {
      touchedSingles = Arrays.copyOf(touchedSingles, touchedCount * 2);
    }
    touchedSingles[touchedCount++] = token;
  }

  private void append(int[] lists, int at, long low, long word) {
    int count = lists[at + 1]++;
    if ((count & (count - 1)) == 0) {
      lists[at] = count == 0 ? allocate(0) : moveToDouble(lists[at], count);
    }
    int address = lists[at];
    long[] page = pages[address >>> PAGE_BITS];
    int place = (address & PAGE_MASK) + 2 * count;
    page[place] = low;
    page[place + 1] = word;
  }

  /** Moves a full block of {@code count} postings, a power of two. */
  private int moveToDouble(int from, int count) {
    int log = Integer.numberOfTrailingZeros(count);
    int to = allocate(log + 1);
    long[] fromPage = pages[from >>> PAGE_BITS];
    int start = from & PAGE_MASK;
    System.arraycopy(fromPage, start, pages[to >>> PAGE_BITS], to & PAGE_MASK, 2 * count);
    if (2 * count > PAGE) {
      pages[from >>> PAGE_BITS] = new long[0];
    } else {
      fromPage[start] = free[log];
      free[log] = from;
    }
    return to;
  }

  /** Room for 2<sup>log</sup> postings; more than a page holds get a page of their own size. */
  private int allocate(int log) {
    int address = free[log];
    if (address != NOTHING) {
      free[log] = (int) pages[address >>> PAGE_BITS][address & PAGE_MASK];
      return address;
    }
    int longs = 2 << log;
    if (longs > PAGE) {
      address = newPage(longs);
      used = PAGE;
      return address;
    }
    if (used + longs > PAGE) {
      newPage(PAGE);
      used = 0;
    }
    address = ((pageCount - 1) << PAGE_BITS) | used;
    used += longs;
    return address;
  }

  private int newPage(int longs) {
    if (pageCount == 1 << (32 - PAGE_BITS)) {
      throw new IllegalStateException("more postings than one index can hold, 32 GiB");
    }
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, pageCount * 2);
    }
    if (pages[pageCount] == null || pages[pageCount].length != longs) {
      pages[pageCount] = new long[longs];
    }
    return pageCount++ << PAGE_BITS;
  }

  /**
   * The slot that holds {@code key}, or the free one where it belongs; a stored key is one more, 0
   * is free.
   */
  private static int pairSlot(long[] table, long key) {
    int mask = table.length - 1;
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) ((hash ^ (hash >>> 29)) >>> 20) & mask;
    while (table[slot] != 0 && table[slot] != key + 1) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void growPairs() {
    long[] oldKeys = pairKeys;
    int[] oldPairs = pairs;
    pairKeys = new long[oldKeys.length * 2];
    pairs = new int[FIELDS * pairKeys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = pairSlot(pairKeys, oldKeys[i] - 1);
        pairKeys[slot] = oldKeys[i];
        System.arraycopy(oldPairs, FIELDS * i, pairs, FIELDS * slot, FIELDS);
      }
    }
  }
}
