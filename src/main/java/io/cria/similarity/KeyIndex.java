package io.cria.similarity;

/**
 * Finds the indexed texts that are similar to a probe: by key, then by signature and length, then
 * by the LCS itself. Ids are numbers of texts in the store it is given; they are added in ascending
 * order. Any number of probes may run while nobody adds.
 */
final class KeyIndex {
  /** No text. */
  static final int NONE = Integer.MAX_VALUE;

  private final RequiredLcs required;
  private final TextStore store;
  private final Postings postings = new Postings();

  KeyIndex(RequiredLcs required, TextStore store) {
    this.required = required;
    this.store = store;
  }

  /** Adds the text under {@code id}, whose keys and signature are given. */
  void add(int id, Keys keys, int length) {
    long word = Postings.word(keys.high(), length, id);
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
  int find(Probe probe, Keys keys, int bound, boolean any) {
    probe.forgetVerified();
    short[] differing = required.row(probe.length()).differing();
    long low = keys.low();
    long high = keys.high();
    int best = bound;
    Postings.Lists lists = probe.lists();
    postings.open(keys, lists);
    for (int i = 0; i < lists.size(); i++) {
      long[] page = lists.page(i);
      for (int at = lists.start(i), end = lists.end(i); at < end; at += 2) {
        long word = page[at + 1];
        int id = (int) word;
        if (id >= best) {
          break;
        }
        int bits = Long.bitCount(page[at] ^ low) + Long.bitCount((word >>> 41) ^ high);
        if (bits <= differing[(int) (word >>> 32) & RequiredLcs.LENGTH_LIMIT]
            && probe.addCandidate(id)) {
          best = verify(probe, differing, best, any);
          if (any && best < bound) {
            return best;
          }
        }
      }
    }
    return verify(probe, differing, best, any);
  }

  /**
   * Verifies the collected candidates below {@code bound}; the least that is similar, or {@code
   * bound}.
   */
  private int verify(Probe probe, short[] differing, int bound, boolean any) {
    int best = bound;
    int count = probe.takeCandidates();
    int[] candidates = probe.candidates();
    int touched = 0;
    for (int i = 0; i < count; i++) {
      touched += store.touch(candidates[i]);
    }
    probe.touched = touched;
    for (int i = 0; i < count; i++) {
      int id = candidates[i];
      if (id < best && probe.firstTime(id)) {
        int n = store.length(id);
        int m = probe.length();
        int least =
            n < RequiredLcs.LENGTH_LIMIT && differing[n] >= 0
                ? (m + n - differing[n]) / 2
                : required.of(m, n);
        if (least <= Math.min(m, n)) {
          int lcs = probe.kernel().lengthOrLess(store.page(id), store.offset(id), n, least);
          if (lcs >= least) {
            probe.found = lcs;
            best = id;
            if (any) {
              return best;
            }
          }
        }
      }
    }
    return best;
  }
}
