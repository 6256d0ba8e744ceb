package io.cria.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word that was probably meant by an unknown one. */
public final class NearestWord {
  private NearestWord() {}

  /**
   * The nearest of {@code known} by edit distance without case, the first in the alphabet among
   * equals; empty when more than half of it, and more than two letters, would have to change.
   */
  public static Optional<String> of(String word, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt((String name) -> distance(word, name))
                .thenComparing(Comparator.naturalOrder()))
        .filter(name -> distance(word, name) <= Math.max(2, name.length() / 2));
  }

  /** Levenshtein distance, case ignored. */
  static int distance(String a, String b) {
    String x = a.toLowerCase(Locale.ROOT);
    String y = b.toLowerCase(Locale.ROOT);
    int[] row = new int[y.length() + 1];
    for (int j = 0; j <= y.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= x.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= y.length(); j++) {
        int substituted = diagonal + (x.charAt(i - 1) == y.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[y.length()];
  }
}
