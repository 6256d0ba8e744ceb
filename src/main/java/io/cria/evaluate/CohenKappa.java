package io.cria.evaluate;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Agreement of two raters beyond chance (Cohen, 1960), every disagreement counted alike. */
public final class CohenKappa {
  private CohenKappa() {}

  /**
   * Kappa in [-1, 1]; empty when there is nothing rated or both gave one and the same answer
   * throughout, where chance explains everything and kappa has no value.
   *
   * @param first the first rater's answers
   * @param second the second rater's, of the same subjects in the same order
   */
  public static OptionalDouble of(List<String> first, List<String> second) {
    if (first.size() != second.size()) {
      throw new IllegalArgumentException(
          "answers of two raters on " + first.size() + " and " + second.size() + " subjects");
    }
    int n = first.size();
    Map<String, long[]> counts = new TreeMap<>();
    long agreed = 0;
    for (int i = 0; i < n; i++) {
      counts.computeIfAbsent(first.get(i), answer -> new long[2])[0]++;
      counts.computeIfAbsent(second.get(i), answer -> new long[2])[1]++;
      agreed += first.get(i).equals(second.get(i)) ? 1 : 0;
    }
    // in whole numbers, so that "no value" is decided exactly
    long byChance = counts.values().stream().mapToLong(pair -> pair[0] * pair[1]).sum();
    long all = (long) n * n;
    return byChance == all
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) (agreed * n - byChance) / (all - byChance));
  }
}
