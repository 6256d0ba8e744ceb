package io.cria.stage;

import io.cria.evaluate.BlindAnswers;
import io.cria.evaluate.BlindPair;
import io.cria.evaluate.BlindPairs;
import io.cria.evaluate.EvaluationReport.Rater;
import io.cria.evaluate.JudgedPair;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.Side;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * What one source of verdicts (the judge model, or people) said of blind answers: as rows of the
 * table {@code verdicts}, and with the names put back for the statistics.
 */
final class EvaluationVerdicts {
  /** Kinds of the table. */
  static final String PAIR = "pair";

  static final String LEVEL = "level";

  private static final String BETTER = "better";
  private static final String EXCHANGED = "better_exchanged";
  private static final String WINNER = "winner";
  private static final String TIE = "tie";
  private static final String NONE = "none";

  private final AnswerComparison comparison;
  private final String kind;
  private final List<Row> rows = new ArrayList<>();
  private final List<JudgedPair> pairs = new ArrayList<>();
  private final List<LevelVerdicts.Judged> levels = new ArrayList<>();
  private final Map<String, Rater> raters = new LinkedHashMap<>();

  EvaluationVerdicts(AnswerComparison comparison, String kind) {
    this.comparison = comparison;
    this.kind = kind;
  }

  /**
   * One verdict.
   *
   * @param verdict as it was given; null where none was
   * @param reason why; may be empty; the fault where there is no verdict
   * @param answerId of the judge's answer; null of people
   */
  record Said(@Nullable String verdict, String reason, @Nullable String answerId) {
    private static final Said NOTHING = new Said(null, "", null);
  }

  /** Rows of {@link Schemas#VERDICTS}. */
  List<Row> rows() {
    return rows;
  }

  List<JudgedPair> pairs() {
    return pairs;
  }

  List<LevelVerdicts.Judged> levels() {
    return levels;
  }

  List<Rater> raters() {
    return List.copyOf(raters.values());
  }

  /**
   * A judge's, who saw every pair in both orders.
   *
   * @param said by subject: a pair's id with {@link AnswerJudging#LAID_OUT} or {@link
   *     AnswerJudging#EXCHANGED}
   */
  void addJudgedPairs(String rater, Map<String, Said> said) {
    BlindPairs blind = comparison.pairs();
    for (int i = 0; i < blind.pairs().size(); i++) {
      BlindPair pair = blind.pairs().get(i);
      BlindPair.Key key = blind.keys().get(i);
      Said one = said.getOrDefault(pair.pairId() + AnswerJudging.LAID_OUT, Said.NOTHING);
      Said two = said.getOrDefault(pair.pairId() + AnswerJudging.EXCHANGED, Said.NOTHING);
      add(rater, pair.pairId(), BETTER, one);
      add(rater, pair.pairId(), EXCHANGED, two);
      decide(
          JudgedPair.ofBothOrders(
              rater,
              pair.taskId(),
              key,
              side(one.verdict),
              side(two.verdict),
              comparison.firstIsLeft(key)));
    }
  }

  /** A person's, who saw pairs as they are laid out; by pair. */
  void addPairs(String rater, Map<String, Said> said) {
    BlindPairs blind = comparison.pairs();
    for (int i = 0; i < blind.pairs().size(); i++) {
      BlindPair pair = blind.pairs().get(i);
      BlindPair.Key key = blind.keys().get(i);
      Said one = said.get(pair.pairId());
      Side side = one == null ? null : side(one.verdict);
      if (one != null && side != null) {
        add(rater, pair.pairId(), BETTER, one);
        decide(JudgedPair.ofOneOrder(rater, pair.taskId(), key, side, comparison.firstIsLeft(key)));
      }
    }
  }

  /**
   * Levels of single answers, by the answers' blind ids.
   *
   * @param all whether answers without a word count as without a verdict
   */
  void addLevels(String rater, Map<String, Said> said, boolean all) {
    BlindAnswers blind = comparison.answers();
    Map<String, String> answerers = new HashMap<>();
    blind.keys().forEach(key -> answerers.put(key.answerId(), key.answerer()));
    for (BlindAnswers.Blind answer : blind.answers()) {
      Said one = said.get(answer.answerId());
      if (one != null || all) {
        Said heard = one == null ? Said.NOTHING : one;
        add(rater, answer.answerId(), LEVEL, heard);
        levels.add(
            new LevelVerdicts.Judged(
                rater,
                answer.answerId(),
                answer.taskId(),
                answerers.getOrDefault(answer.answerId(), ""),
                heard.verdict));
      }
    }
  }

  private static @Nullable Side side(@Nullable String verdict) {
    return verdict == null ? null : Side.valueOf(verdict.toUpperCase(Locale.ROOT));
  }

  private void add(String rater, String subject, String question, Said said) {
    Rater before = raters.getOrDefault(rater, new Rater(rater, 0, 0));
    raters.put(
        rater,
        new Rater(rater, before.shown() + 1, before.noVerdict() + (said.verdict == null ? 1 : 0)));
    rows.add(
        row(
            rater,
            subject,
            question,
            said.verdict == null ? NONE : said.verdict,
            null,
            said.reason,
            said.answerId));
  }

  /** With the names put back: who won, and the points of the one told first. */
  private void decide(JudgedPair judged) {
    pairs.add(judged);
    Double points = judged.points();
    String winner =
        points == null
            ? NONE
            : points == 0.5 ? TIE : points > 0.5 ? judged.first() : judged.second();
    rows.add(row(judged.rater(), judged.pairId(), WINNER, winner, points, "", null));
  }

  private Row row(
      String rater,
      String subject,
      String question,
      String verdict,
      @Nullable Double score,
      String reason,
      @Nullable String answerId) {
    return Rows.row(
        Schemas.VERDICTS,
        subject,
        kind,
        "",
        rater,
        question,
        verdict,
        score,
        reason,
        null,
        answerId);
  }

  /** By subject, from a judge's rows. */
  static Map<String, Said> said(Iterable<Row> judged) {
    Map<String, Said> said = new TreeMap<>();
    for (Row row : judged) {
      String fault = row.getAs("fault");
      String reason = row.getAs("reason");
      said.put(
          row.getAs("subject_id"),
          new Said(row.getAs("verdict"), fault == null ? reason : fault, row.getAs("answer_id")));
    }
    return said;
  }
}
