package io.cria.evaluate;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Agreement of any number of raters, who need not all have rated every subject (Krippendorff,
 * Content Analysis, 2004, chapter 11), for answers without an order.
 */
public final class KrippendorffAlpha {
  private KrippendorffAlpha() {}

  /**
   * Alpha, at most 1; 0 is chance. Empty when no two different answers stand on subjects rated
   * twice: then there is nothing to tell agreement from.
   *
   * @param subjects by subject, the answers given; subjects with fewer than two are left out
   */
  public static OptionalDouble nominal(List<? extends Collection<String>> subjects) {
    Map<String, Long> totals = new TreeMap<>();
    long pairable = 0;
    double observed = 0;
    for (Collection<String> answers : subjects) {
      int raters = answers.size();
      if (raters < 2) {
        continue;
      }
      Map<String, Long> here = new TreeMap<>();
      answers.forEach(answer -> here.merge(answer, 1L, Long::sum));
      observed += (double) differingPairs(here, raters) / (raters - 1);
      here.forEach((answer, count) -> totals.merge(answer, count, Long::sum));
      pairable += raters;
    }
    long expected = differingPairs(totals, pairable);
    return expected == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(1 - (pairable - 1) * observed / expected);
  }

  /** Ordered pairs of different answers among {@code all}. */
  private static long differingPairs(Map<String, Long> counts, long all) {
    return all * all - counts.values().stream().mapToLong(count -> count * count).sum();
  }
}
