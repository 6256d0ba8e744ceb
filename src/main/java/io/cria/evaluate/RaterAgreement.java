package io.cria.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How far two raters agree on the subjects that both judged.
 *
 * @param subjects that both judged
 * @param same judged alike
 * @param kappa Cohen's; null where it has no value
 */
public record RaterAgreement(
    String first, String second, int subjects, int same, @Nullable Double kappa) {

  /**
   * Each two raters with a subject in common.
   *
   * @param choices of each rater, by subject
   */
  static List<RaterAgreement> of(Map<String, Map<String, String>> choices) {
    List<String> raters = List.copyOf(choices.keySet());
    List<RaterAgreement> all = new ArrayList<>();
    for (int i = 0; i < raters.size(); i++) {
      for (int j = i + 1; j < raters.size(); j++) {
        RaterAgreement one =
            of(
                raters.get(i),
                raters.get(j),
                choices.getOrDefault(raters.get(i), Map.of()),
                choices.getOrDefault(raters.get(j), Map.of()));
        if (one.subjects > 0) {
          all.add(one);
        }
      }
    }
    return all;
  }

  private static RaterAgreement of(
      String first, String second, Map<String, String> ones, Map<String, String> others) {
    List<String> left = new ArrayList<>();
    List<String> right = new ArrayList<>();
    int same = 0;
    for (Map.Entry<String, String> one : ones.entrySet()) {
      String other = others.get(one.getKey());
      if (other != null) {
        left.add(one.getValue());
        right.add(other);
        same += other.equals(one.getValue()) ? 1 : 0;
      }
    }
    OptionalDouble kappa = CohenKappa.of(left, right);
    return new RaterAgreement(
        first, second, left.size(), same, kappa.isPresent() ? kappa.getAsDouble() : null);
  }
}
