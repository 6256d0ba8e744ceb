package io.cria.similarity;

import java.util.Arrays;

/**
 * Posting lists under keys, each key with a list for short-role entries and one for the others. A
 * posting is two longs: the signature's low 64 bits; and its high 23 bits, the length in 9
 * (saturated), the text's id in 32. Lists are chains of blocks in one paged array, whose sizes
 * double up to a limit: no posting is ever moved, and none costs an object. Ids ascend within a
 * list. Readers may run in parallel while nobody adds.
 */
final class Postings {
  static final int PAGE_BITS = 16;
  static final int PAGE_MASK = (1 << PAGE_BITS) - 1;

  private static final int LARGEST_BLOCK_BITS = 8;
  private static final int LARGEST_BLOCK = 1 << LARGEST_BLOCK_BITS;

  /** Postings in the blocks before those of the largest size. */
  private static final int DOUBLING = LARGEST_BLOCK - 1;

  private long[][] pages = new long[4][];
  private int pageCount;
  private int used = 1 << PAGE_BITS;

  private Lists singles = new Lists(1 << 10);
  private Lists pairs = new Lists(1 << 10);
  private long[] pairKeys = new long[1 << 10];
  private int pairCount;
  private int[] touchedSingles = new int[64];
  private int touchedCount;

  /**
   * Heads, tails and lengths of the two lists of each slot: short role at 2 i, the other at 2 i +
   * 1.
   */
  private static final class Lists {
    int[] head;
    int[] tail;
    int[] count;

    Lists(int slots) {
      head = new int[2 * slots];
      tail = new int[2 * slots];
      count = new int[2 * slots];
    }

    void grow(int slots) {
      head = Arrays.copyOf(head, 2 * slots);
      tail = Arrays.copyOf(tail, 2 * slots);
      count = Arrays.copyOf(count, 2 * slots);
    }

    int slots() {
      return count.length / 2;
    }
  }

  /** A place in one list, moved on block by block. */
  static final class Cursor {
    private long[][] pages = new long[0][];
    private int remaining;
    private int next;
    private int block;
    private long[] page = new long[0];
    private int start;
    private int end;

    /** Goes to the next block; false at the list's end. */
    boolean nextBlock() {
      if (remaining == 0) {
        return false;
      }
      page = pages[next >>> PAGE_BITS];
      int header = next & PAGE_MASK;
      int size = Math.min(remaining, 1 << Math.min(block, LARGEST_BLOCK_BITS));
      start = header + 1;
      end = start + 2 * size;
      next = (int) page[header];
      remaining -= size;
      block++;
      return true;
    }

    long[] page() {
      return page;
    }

    /** Where the block's first posting stands in {@link #page()}. */
    int start() {
      return start;
    }

    /** Behind its last posting. */
    int end() {
      return end;
    }
  }

  /** Sets {@code cursor} before the list of {@code key}; false when that list is empty. */
  boolean open(long key, boolean shortRole, Cursor cursor) {
    Lists lists;
    int slot;
    if (TextKeys.isSingle(key)) {
      lists = singles;
      slot = TextKeys.first(key);
      if (slot >= lists.slots()) {
        return false;
      }
    } else {
      lists = pairs;
      slot = pairSlot(pairKeys, key);
    }
    int list = 2 * slot + (shortRole ? 0 : 1);
    int count = lists.count[list];
    if (count == 0) {
      return false;
    }
    cursor.pages = pages;
    cursor.remaining = count;
    cursor.next = lists.head[list];
    cursor.block = 0;
    return true;
  }

  /** Appends to the list of {@code key}; {@code id} is above every id in it. */
  void add(long key, boolean shortRole, long low, long word) {
    if (TextKeys.isSingle(key)) {
      int token = TextKeys.first(key);
      if (token >= singles.slots()) {
        singles.grow(Math.max(token + 1, singles.slots() * 2));
      }
      if (singles.count[2 * token] + singles.count[2 * token + 1] == 0) {
        touch(token);
      }
      append(singles, 2 * token + (shortRole ? 0 : 1), low, word);
    } else {
      int slot = pairSlot(pairKeys, key);
      if (pairKeys[slot] == 0) {
        if (pairCount * 5L > pairKeys.length * 3L) {
          growPairs();
          slot = pairSlot(pairKeys, key);
        }
        pairKeys[slot] = key + 1;
        pairCount++;
      }
      append(pairs, 2 * slot + (shortRole ? 0 : 1), low, word);
    }
  }

  /** The posting's second word. */
  static long word(long high, int length, int id) {
    return (high << 41) | ((long) Math.min(length, RequiredLcs.LENGTH_LIMIT) << 32) | id;
  }

  /** Removes everything, keeping the memory for as much again. */
  void clear() {
    for (int i = 0; i < touchedCount; i++) {
      int token = touchedSingles[i];
      singles.count[2 * token] = 0;
      singles.count[2 * token + 1] = 0;
    }
    touchedCount = 0;
    if (pairCount > 0) {
      Arrays.fill(pairKeys, 0);
      Arrays.fill(pairs.count, 0);
      pairCount = 0;
    }
    pageCount = Math.min(pageCount, 1);
    used = pageCount == 0 ? 1 << PAGE_BITS : 0;
  }

  private void touch(int token) {
    if (touchedCount == touchedSingles.length) {
      touchedSingles = Arrays.copyOf(touchedSingles, touchedCount * 2);
    }
    touchedSingles[touchedCount++] = token;
  }

  private void append(Lists lists, int list, long low, long word) {
    int n = lists.count[list]++;
    int block;
    int place;
    if (n < DOUBLING) {
      block = 31 - Integer.numberOfLeadingZeros(n + 1);
      place = n + 1 - (1 << block);
    } else {
      block = LARGEST_BLOCK_BITS;
      place = (n - DOUBLING) & (LARGEST_BLOCK - 1);
    }
    if (place == 0) {
      int address = allocate(1 + (2 << block));
      if (n == 0) {
        lists.head[list] = address;
      } else {
        int last = lists.tail[list];
        pages[last >>> PAGE_BITS][last & PAGE_MASK] = address;
      }
      lists.tail[list] = address;
    }
    int tail = lists.tail[list];
    long[] page = pages[tail >>> PAGE_BITS];
    int at = (tail & PAGE_MASK) + 1 + 2 * place;
    page[at] = low;
    page[at + 1] = word;
  }

  private int allocate(int longs) {
    if (used + longs > 1 << PAGE_BITS) {
      if (pageCount == 1 << (32 - PAGE_BITS)) {
        throw new IllegalStateException("more postings than one index can hold, 32 GiB");
      }
      if (pageCount == pages.length) {
        pages = Arrays.copyOf(pages, pageCount * 2);
      }
      if (pages[pageCount] == null) {
        pages[pageCount] = new long[1 << PAGE_BITS];
      }
      pageCount++;
      used = 0;
    }
    int address = ((pageCount - 1) << PAGE_BITS) | used;
    used += longs;
    return address;
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
    long[] old = pairKeys;
    Lists oldLists = pairs;
    pairKeys = new long[old.length * 2];
    pairs = new Lists(pairKeys.length);
    for (int i = 0; i < old.length; i++) {
      if (old[i] == 0) {
        continue;
      }
      int slot = pairSlot(pairKeys, old[i] - 1);
      pairKeys[slot] = old[i];
      for (int role = 0; role < 2; role++) {
        pairs.head[2 * slot + role] = oldLists.head[2 * i + role];
        pairs.tail[2 * slot + role] = oldLists.tail[2 * i + role];
        pairs.count[2 * slot + role] = oldLists.count[2 * i + role];
      }
    }
  }
}
