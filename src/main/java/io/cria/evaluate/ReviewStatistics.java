package io.cria.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a review comes to: how often each question was answered with yes, by each rater and by their
 * majority, and how far raters agree.
 *
 * @param shares by question, in their order, the majority first where there are several raters
 * @param agreements of each two raters, by question
 * @param alphas Krippendorff's, by question; empty with fewer than three raters
 */
public record ReviewStatistics(List<Yes> shares, List<Agreement> agreements, List<Alpha> alphas) {
  private static final int FEWEST_FOR_ALPHA = 3;

  /**
   * A verdict.
   *
   * @param question one of {@link ReviewQuestions#QUESTIONS}
   */
  public record Said(String subject, String question, String rater, String verdict) {}

  /**
   * How often a question was answered with yes.
   *
   * @param rater null for the majority of the raters of each subject; a tie gives no verdict
   * @param yes subjects
   * @param n subjects with a verdict
   * @param share null without any
   * @param interval of it, 95 % (Wilson); null without any
   */
  public record Yes(
      String question,
      @Nullable String rater,
      int yes,
      int n,
      @Nullable Double share,
      @Nullable Interval interval) {
    static Yes of(String question, @Nullable String rater, Collection<String> verdicts) {
      int n = verdicts.size();
      int yes = (int) verdicts.stream().filter(ReviewQuestions.YES::equals).count();
      return n == 0
          ? new Yes(question, rater, 0, 0, null, null)
          : new Yes(
              question,
              rater,
              yes,
              n,
              (double) yes / n,
              Wilson.interval(yes, n, PairedComparison.CONFIDENCE));
    }
  }

  /** How far two raters agree on a question. */
  public record Agreement(String question, RaterAgreement raters) {}

  /**
   * How far all raters agree on a question.
   *
   * @param alpha null where it has no value: nobody said anything else
   */
  public record Alpha(String question, int raters, @Nullable Double alpha) {}

  public ReviewStatistics {
    shares = List.copyOf(shares);
    agreements = List.copyOf(agreements);
    alphas = List.copyOf(alphas);
  }

  /** Counts; a rater has one verdict on a question of a subject. */
  public static ReviewStatistics of(Collection<Said> verdicts) {
    Map<String, Map<String, Map<String, String>>> byQuestion = new LinkedHashMap<>();
    for (String question : ReviewQuestions.QUESTIONS.keySet()) {
      byQuestion.put(question, new TreeMap<>());
    }
    for (Said said : verdicts) {
      Objects.requireNonNull(byQuestion.get(said.question()), said.question())
          .computeIfAbsent(said.rater(), rater -> new TreeMap<>())
          .put(said.subject(), said.verdict());
    }
    byQuestion.put(ReviewQuestions.ALL, allThree(byQuestion));
    List<Yes> shares = new ArrayList<>();
    List<Agreement> agreements = new ArrayList<>();
    List<Alpha> alphas = new ArrayList<>();
    byQuestion.forEach(
        (question, raters) -> {
          if (raters.size() > 1) {
            shares.add(Yes.of(question, null, majority(raters)));
          }
          raters.forEach((rater, said) -> shares.add(Yes.of(question, rater, said.values())));
          RaterAgreement.of(raters).forEach(pair -> agreements.add(new Agreement(question, pair)));
          if (raters.size() >= FEWEST_FOR_ALPHA) {
            alphas.add(new Alpha(question, raters.size(), alpha(raters)));
          }
        });
    return new ReviewStatistics(shares, agreements, alphas);
  }

  /** By rater and subject, whether all three were answered with yes; only where all were. */
  private static Map<String, Map<String, String>> allThree(
      Map<String, Map<String, Map<String, String>>> byQuestion) {
    Map<String, Map<String, List<String>>> said = new TreeMap<>();
    byQuestion
        .values()
        .forEach(
            raters ->
                raters.forEach(
                    (rater, subjects) ->
                        subjects.forEach(
                            (subject, verdict) ->
                                said.computeIfAbsent(rater, r -> new TreeMap<>())
                                    .computeIfAbsent(subject, s -> new ArrayList<>())
                                    .add(verdict))));
    int questions = byQuestion.size();
    Map<String, Map<String, String>> all = new TreeMap<>();
    said.forEach(
        (rater, subjects) ->
            subjects.forEach(
                (subject, verdicts) -> {
                  if (verdicts.size() == questions) {
                    boolean yes = verdicts.stream().allMatch(ReviewQuestions.YES::equals);
                    all.computeIfAbsent(rater, r -> new TreeMap<>())
                        .put(subject, yes ? ReviewQuestions.YES : "no");
                  }
                }));
    return all;
  }

  /** The verdicts of subjects on which more raters say one thing than the other. */
  private static List<String> majority(Map<String, Map<String, String>> raters) {
    Map<String, Integer> balance = new TreeMap<>();
    raters
        .values()
        .forEach(
            said ->
                said.forEach(
                    (subject, verdict) ->
                        balance.merge(
                            subject, verdict.equals(ReviewQuestions.YES) ? 1 : -1, Integer::sum)));
    return balance.values().stream()
        .filter(votes -> votes != 0)
        .map(votes -> votes > 0 ? ReviewQuestions.YES : "no")
        .toList();
  }

  private static @Nullable Double alpha(Map<String, Map<String, String>> raters) {
    Map<String, List<String>> bySubject = new TreeMap<>();
    raters
        .values()
        .forEach(
            said ->
                said.forEach(
                    (subject, verdict) ->
                        bySubject.computeIfAbsent(subject, s -> new ArrayList<>()).add(verdict)));
    OptionalDouble alpha = KrippendorffAlpha.nominal(List.copyOf(bySubject.values()));
    return alpha.isPresent() ? alpha.getAsDouble() : null;
  }
}
