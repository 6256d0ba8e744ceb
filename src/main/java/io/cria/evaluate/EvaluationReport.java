package io.cria.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation found.
 *
 * @param format version of this record
 * @param answerers in the order in which they are told
 * @param items of the set that were asked, by section
 * @param answered how far each answered
 * @param scores by the rules of the set
 * @param raters who judged, each with what it judged
 * @param pairs what raters said of pairs; null where none did
 * @param levels what raters said of single answers; null where none did
 * @param notes what is to be known of the figures
 */
public record EvaluationReport(
    int format,
    List<String> answerers,
    Map<String, Long> items,
    List<AnswerSheet.Count> answered,
    SetScores scores,
    List<Rater> raters,
    @Nullable PairVerdicts pairs,
    @Nullable LevelVerdicts levels,
    List<String> notes) {
  private static final int FORMAT = 1;

  private static final String LIKELIHOOD =
      "equal treatment: how likely a model holds each request is measured of checkpoints alone;"
          + " a word that is rare anyway makes its side less likely";

  /**
   * A rater.
   *
   * @param shown subjects (pairs in one order, or answers) that it was to judge
   * @param noVerdict subjects without a verdict
   */
  public record Rater(String name, long shown, long noVerdict) {}

  public EvaluationReport {
    answerers = List.copyOf(answerers);
    answered = List.copyOf(answered);
    raters = List.copyOf(raters);
    notes = List.copyOf(notes);
  }

  /** Puts it together. */
  public static EvaluationReport of(
      EvaluationSet set,
      AnswerSheet sheet,
      SetScores scores,
      List<Rater> raters,
      @Nullable PairVerdicts pairs,
      @Nullable LevelVerdicts levels) {
    Map<String, Long> items =
        set.items().stream()
            .collect(
                Collectors.groupingBy(
                    item -> item.section().word(), LinkedHashMap::new, Collectors.counting()));
    return new EvaluationReport(
        FORMAT,
        sheet.answerers(),
        items,
        sheet.counts(),
        scores,
        raters,
        pairs,
        levels,
        scores.equal().isEmpty() ? List.of() : List.of(LIKELIHOOD));
  }
}
