package io.cria.config;

import io.cria.task.Key;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Between which numbers a value lies; infinite where there is no bound.
 *
 * @param min the least that is allowed
 * @param above what every value is above
 * @param max the greatest that is allowed
 * @param below what every value is below
 */
public record KeyBounds(double min, double above, double max, double below) {
  static KeyBounds of(Key key) {
    return new KeyBounds(key.min(), key.above(), key.max(), key.below());
  }

  /** For people; empty without bounds. */
  public String words() {
    List<String> words = new ArrayList<>();
    add(words, "at least ", min);
    add(words, "above ", above);
    add(words, "at most ", max);
    add(words, "below ", below);
    return String.join(", ", words);
  }

  private static void add(List<String> words, String word, double bound) {
    if (!Double.isInfinite(bound)) {
      words.add(word + number(bound).toPlainString());
    }
  }

  /** A bound as it is written: without a fraction where it has none. */
  static BigDecimal number(double bound) {
    return BigDecimal.valueOf(bound).stripTrailingZeros();
  }
}
