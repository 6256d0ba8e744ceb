package io.cria.similarity;

/**
 * Finds the indexed texts that are similar to a probe: by key, then by signature and length, then
 * by the LCS itself. Ids are numbers of texts in the store it is given; they are added in ascending
 * order. Any number of probes may run while nobody adds.
 */
final class PrefixIndex {
  /** No text. */
  static final int NONE = Integer.MAX_VALUE;

  private final RequiredLcs required;
  private final TextStore store;
  private final Postings postings = new Postings();

  PrefixIndex(RequiredLcs required, TextStore store) {
    this.required = required;
    this.store = store;
  }

  /** Adds the text under {@code id}, whose keys and signature are given. */
  void add(int id, TextKeys keys) {
    long word = Postings.word(keys.high(), store.length(id), id);
    for (int i = 0; i < keys.count(); i++) {
      postings.add(keys.key(i), keys.isShort(i), keys.low(), word);
    }
  }

  void clear() {
    postings.clear();
  }

  /**
   * The least id below {@code bound} of a text similar to the probe; with {@code any} whichever is
   * met first. {@link Probe#found} is then the LCS length.
   *
   * @return {@code bound} when there is none
   */
  int find(Probe probe, int bound, boolean any) {
    TextKeys keys = probe.keys;
    short[] differing = required.row(probe.length()).differing();
    int best = bound;
    for (int i = 0; i < keys.count(); i++) {
      best = scan(keys.key(i), true, probe, differing, best);
      if (any && best < bound) {
        return best;
      }
      if (keys.isShort(i)) {
        best = scan(keys.key(i), false, probe, differing, best);
        if (any && best < bound) {
          return best;
        }
      }
    }
    return best;
  }

  /** Goes through one list up to the first similar text, which is its least. */
  private int scan(long key, boolean shortRole, Probe probe, short[] differing, int bound) {
    Postings.Range range = probe.range;
    if (!postings.open(key, shortRole, range)) {
      return bound;
    }
    long low = probe.keys.low();
    long high = probe.keys.high();
    long[] page = range.page();
    for (int at = range.start(), end = range.end(); at < end; at += 2) {
      long word = page[at + 1];
      int id = (int) word;
      if (id >= bound) {
        return bound;
      }
      int bits = Long.bitCount(page[at] ^ low) + Long.bitCount((word >>> 41) ^ high);
      int length = (int) (word >>> 32) & RequiredLcs.LENGTH_LIMIT;
      if (bits <= differing[length] && verify(probe, id, length, differing[length])) {
        return id;
      }
    }
    return bound;
  }

  private boolean verify(Probe probe, int id, int shortLength, int differing) {
    if (!probe.firstTime(id)) {
      return false;
    }
    int n = shortLength;
    int least = (probe.length() + n - differing) / 2;
    if (shortLength == RequiredLcs.LENGTH_LIMIT) {
      n = store.length(id);
      least = required.of(probe.length(), n);
      if (least > Math.min(probe.length(), n)) {
        return false;
      }
    }
    int lcs = probe.kernel().lengthOrLess(store.page(id), store.offset(id), n, least);
    if (lcs < least) {
      return false;
    }
    probe.found = lcs;
    return true;
  }
}
