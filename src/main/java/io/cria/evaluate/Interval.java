package io.cria.evaluate;

import java.util.Locale;

/** A closed interval of a figure, both ends finite. */
public record Interval(double low, double high) {
  public Interval {
    if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException("no interval: " + low + " to " + high);
    }
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** Both ends in per cent with one digit: {@code 41.2 to 58.9 %}. */
  public String percent() {
    return String.format(Locale.ROOT, "%.1f to %.1f %%", 100 * low, 100 * high);
  }
}
