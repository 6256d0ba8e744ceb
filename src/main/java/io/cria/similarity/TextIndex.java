package io.cria.similarity;

import org.jspecify.annotations.Nullable;

/** The one or two key indexes over one store that a {@link Prefilter} asks for. */
final class TextIndex {
  private final @Nullable KeyIndex bands;
  private final @Nullable KeyIndex prefixes;

  TextIndex(Prefilter prefilter, RequiredLcs required, TextStore store) {
    bands = prefilter == Prefilter.LOSSLESS ? null : new KeyIndex(required, store);
    prefixes = prefilter == Prefilter.MINHASH ? null : new KeyIndex(required, store);
  }

  /** Adds the text that {@code probe} took up, under {@code id}, above all before it. */
  void add(int id, Probe probe) {
    if (bands != null) {
      bands.add(id, probe.bandKeys(), probe.length());
    }
    if (prefixes != null) {
      prefixes.add(id, probe.keys(), probe.length());
    }
  }

  void clear() {
    if (bands != null) {
      bands.clear();
    }
    if (prefixes != null) {
      prefixes.clear();
    }
  }

  /**
   * The least id below {@code bound} of a text similar to the probe, among those its prefilter
   * finds; with {@code any} whichever is met first.
   *
   * @return {@code bound} when there is none
   */
  int find(Probe probe, int bound, boolean any) {
    int hit = bound;
    if (bands != null) {
      hit = bands.find(probe, probe.bandKeys(), hit, any);
    }
    // A verified hit is sound, but there may be an earlier one.
    if (prefixes != null && !(any && hit < bound)) {
      hit = prefixes.find(probe, probe.keys(), hit, any);
    }
    return hit;
  }
}
