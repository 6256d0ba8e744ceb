package io.cria.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What raters said of single answers by the paper's four levels (Self-Instruct, section 4.4): A
 * valid and satisfying, B acceptable with minor errors, C on the task with significant errors, D
 * irrelevant or invalid.
 *
 * @param counts by rater and answerer
 * @param comparisons of each two answerers by one rater: on a task the better level wins
 * @param agreement of each two raters
 */
public record LevelVerdicts(
    List<Count> counts, List<PairResult> comparisons, List<RaterAgreement> agreement) {
  public static final List<String> LEVELS = List.of("A", "B", "C", "D");

  /** The levels of answers that can be used: A and B. */
  private static final int USABLE = 2;

  public LevelVerdicts {
    counts = List.copyOf(counts);
    comparisons = List.copyOf(comparisons);
    agreement = List.copyOf(agreement);
  }

  /**
   * An answer as one rater judged it.
   *
   * @param subject the blind id
   * @param level of {@link #LEVELS}; null without a verdict
   */
  public record Judged(
      String rater, String subject, String taskId, String answerer, @Nullable String level) {}

  /**
   * Levels of an answerer's answers.
   *
   * @param levels A to D, each with its number
   * @param noVerdict answers without a verdict
   * @param usable the share with A or B among those with a verdict
   */
  public record Count(
      String rater, String answerer, Map<String, Integer> levels, int noVerdict, Share usable) {}

  /**
   * Sums up.
   *
   * @param seed the run's, for the intervals
   */
  public static LevelVerdicts of(List<Judged> judged, AnswerSheet sheet, long seed) {
    Map<String, List<Judged>> byRater = new LinkedHashMap<>();
    judged.forEach(one -> byRater.computeIfAbsent(one.rater(), r -> new ArrayList<>()).add(one));
    List<Count> counts = new ArrayList<>();
    List<PairResult> comparisons = new ArrayList<>();
    Map<String, Map<String, String>> choices = new LinkedHashMap<>();
    byRater.forEach(
        (rater, own) -> {
          sheet.answerers().forEach(answerer -> counts.add(count(rater, answerer, own)));
          for (AnswerSheet.Two two : sheet.twos()) {
            compared(rater, two, own, sheet, seed).ifPresent(comparisons::add);
          }
          Map<String, String> levels = new LinkedHashMap<>();
          own.stream()
              .filter(x -> x.level() != null)
              .forEach(x -> levels.put(x.subject(), x.level()));
          choices.put(rater, levels);
        });
    return new LevelVerdicts(counts, comparisons, RaterAgreement.of(choices));
  }

  private static Count count(String rater, String answerer, List<Judged> judged) {
    Map<String, Integer> levels = new LinkedHashMap<>();
    LEVELS.forEach(level -> levels.put(level, 0));
    int noVerdict = 0;
    int all = 0;
    for (Judged one : judged) {
      if (!one.answerer().equals(answerer)) {
        continue;
      }
      String level = one.level();
      if (level == null) {
        noVerdict++;
      } else {
        levels.merge(level, 1, Integer::sum);
        all++;
      }
    }
    int usable =
        LEVELS.subList(0, USABLE).stream().mapToInt(level -> levels.getOrDefault(level, 0)).sum();
    return new Count(rater, answerer, levels, noVerdict, Share.of(answerer, usable, all, all));
  }

  private static Optional<PairResult> compared(
      String rater, AnswerSheet.Two two, List<Judged> judged, AnswerSheet sheet, long seed) {
    Map<String, String> second = new LinkedHashMap<>();
    for (Judged one : judged) {
      if (one.answerer().equals(two.second()) && one.level() != null) {
        second.put(one.taskId(), one.level());
      }
    }
    List<JudgedPair> pairs = new ArrayList<>();
    for (Judged one : judged) {
      String other = second.get(one.taskId());
      if (one.answerer().equals(two.first()) && one.level() != null && other != null) {
        int better = Integer.compare(LEVELS.indexOf(other), LEVELS.indexOf(one.level()));
        double points = better > 0 ? Outcomes.WIN : better < 0 ? Outcomes.LOSS : Outcomes.TIE;
        pairs.add(
            new JudgedPair(
                rater, one.subject(), one.taskId(), two.first(), two.second(), points, null));
      }
    }
    return PairResult.of(pairs, sheet, seed);
  }
}
