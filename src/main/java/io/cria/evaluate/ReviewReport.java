package io.cria.evaluate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a review found; {@code report.json} of its directory.
 *
 * @param name of the review
 * @param examples that the sample was drawn from
 * @param sampled of them
 * @param strata of the sample
 * @param judge the model that judged; null where none did
 * @param noVerdict examples on which the judge gave none, by fault
 * @param raters of whom there are verdicts, with how many
 * @param statistics of all verdicts
 */
public record ReviewReport(
    String name,
    long examples,
    int sampled,
    List<Stratum> strata,
    @Nullable String judge,
    Map<String, Integer> noVerdict,
    Map<String, Integer> raters,
    ReviewStatistics statistics) {
  /**
   * A part of the sample.
   *
   * @param length short, medium or long
   * @param sampled examples
   */
  public record Stratum(boolean isClassification, String length, int sampled) {}

  public ReviewReport {
    strata = List.copyOf(strata);
    noVerdict = new TreeMap<>(noVerdict);
    raters = new TreeMap<>(raters);
  }
}
