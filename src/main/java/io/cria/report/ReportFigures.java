package io.cria.report;

import io.cria.evaluate.Interval;
import io.cria.similarity.CommonWords;
import io.cria.task.DatasetStatistics;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a report shows; each list is bounded, whatever the run's size. What a run has not is an
 * empty list or null, and {@code notes} says of the section why.
 *
 * @param head which run it is
 * @param statistics of the examples; null where there are none
 * @param funnel from requests to examples
 * @param rounds the same by round
 * @param reasons why candidates were rejected, most frequent first
 * @param instanceReasons why instances were dropped
 * @param spend by stage
 * @param time by time
 * @param likeness ROUGE-L to what is most alike
 * @param lengths in words
 * @param verbs what instructions are about
 * @param languages instructions by language
 * @param samples some examples
 * @param rejectedPairs what was rejected as similar, beside what it is similar to
 * @param keptPairs the most alike of what was kept
 * @param verdicts of reviews and the like
 * @param evaluations of models, as far as they were named
 * @param moderation what moderation says; null without
 * @param training loss by step
 * @param notes section to why it shows nothing, or less
 */
record ReportFigures(
    Head head,
    @Nullable DatasetStatistics statistics,
    List<Count> funnel,
    Rounds rounds,
    List<Count> reasons,
    List<Count> instanceReasons,
    List<StageSpend> spend,
    Times time,
    List<Histogram> likeness,
    List<Histogram> lengths,
    Verbs verbs,
    List<Count> languages,
    List<Sample> samples,
    List<Pair> rejectedPairs,
    List<Pair> keptPairs,
    List<VerdictCount> verdicts,
    List<Evaluation> evaluations,
    @Nullable Moderation moderation,
    List<Curve> training,
    Map<String, String> notes) {
  /**
   * @param path of the run's directory
   * @param writtenAt when the report was written, UTC
   */
  record Head(
      String name,
      String path,
      String recipe,
      String model,
      String identity,
      String state,
      String madeBy,
      String writtenAt) {}

  /** How many there are of something. */
  record Count(String name, long count) {}

  /**
   * @param width rounds that a row stands for
   */
  record Rounds(int width, List<RoundRow> rows) {}

  /**
   * @param round the first of those that it stands for
   * @param reasons candidates by reason, {@code kept} among them
   */
  record RoundRow(
      int round,
      long requests,
      long candidates,
      long kept,
      long instances,
      long examples,
      Map<String, Long> reasons) {}

  /**
   * @param attempts lines of the ledger
   * @param ok of which brought an answer
   * @param unpriced answers with tokens and without a known price
   */
  record StageSpend(
      String stage,
      long attempts,
      long ok,
      long promptTokens,
      long completionTokens,
      double usd,
      long unpriced) {}

  /**
   * @param seconds that a bin is wide
   */
  record Times(long seconds, List<TimeBin> bins) {}

  /**
   * @param at begin, seconds since 1970
   * @param attempts that were sent in it
   * @param failed of which brought no answer
   */
  record TimeBin(long at, long attempts, long failed, long tokens, double usd) {}

  /**
   * Equal bins from 0 on; the last one has all that is above, too.
   *
   * @param mean of all values; 0 without any
   */
  record Histogram(String name, double width, List<Long> counts, double mean) {}

  /**
   * @param instructions looked at
   * @param withVerb of which a verb was found
   * @param withNoun of which both were found
   * @param shown of which are among {@code top}
   */
  record Verbs(long instructions, long withVerb, long withNoun, long shown, List<Verb> top) {}

  /**
   * @param count instructions with this verb and a noun
   */
  record Verb(String verb, long count, List<Count> nouns) {}

  /** An example with where it comes from. */
  record Sample(
      String exampleId,
      String instanceId,
      @Nullable String candidateId,
      @Nullable String answerId,
      @Nullable String requestKey,
      int round,
      int row,
      int item,
      int n,
      boolean isClassification,
      String instruction,
      String input,
      String output,
      @Nullable String model,
      @Nullable String finishReason,
      @Nullable Long completionTokens,
      @Nullable Double usd,
      @Nullable Neighbour seed,
      @Nullable Neighbour machine) {}

  record Neighbour(String id, double score, String instruction) {}

  /** Two texts with what they have in common marked. */
  record Pair(
      String id,
      String otherId,
      double score,
      List<CommonWords.Piece> text,
      List<CommonWords.Piece> other) {}

  /**
   * How often a rater said so of a question.
   *
   * @param all what that rater said of it
   * @param interval of the share, at 95 %; null where not a sample was looked at but everything
   */
  record VerdictCount(
      String kind,
      String name,
      String rater,
      String question,
      String verdict,
      long count,
      long all,
      @Nullable Interval interval) {}

  /**
   * An evaluation.
   *
   * @param name of its directory
   * @param text its report in words
   */
  record Evaluation(String name, List<Compared> compared, String text) {}

  /**
   * What a rater said of two answerers.
   *
   * @param mode pairs, or levels
   * @param wins tasks that the first won
   * @param winRate its share of them, a tie being half of one
   * @param interval of that, at 95 %
   * @param p of the sign test
   * @param sentence what may be concluded
   */
  record Compared(
      String mode,
      String rater,
      String first,
      String second,
      int wins,
      int ties,
      int losses,
      double winRate,
      Interval interval,
      double p,
      String sentence) {}

  /**
   * @param rows instances that were looked at
   * @param flagged of which are flagged
   * @param personal of which hold something that looks personal
   */
  record Moderation(
      long rows, long flagged, long personal, List<Count> categories, List<Count> kinds) {}

  /** A training. */
  record Curve(String name, int width, List<Point> points) {}

  /**
   * Means over the steps that it stands for.
   *
   * @param step the last of them
   */
  record Point(
      int step, @Nullable Double loss, @Nullable Double evaluationLoss, @Nullable Double lr) {}
}
