package io.cria.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An {@link EvaluationReport} for people: what was judged first, then each rule's figures. */
public final class EvaluationText {
  private final EvaluationReport report;
  private final StringBuilder text = new StringBuilder();

  private EvaluationText(EvaluationReport report) {
    this.report = report;
  }

  /** Lines that each end with {@code \n}. */
  public static String of(EvaluationReport report) {
    EvaluationText made = new EvaluationText(report);
    made.answered();
    PairVerdicts pairs = report.pairs();
    if (pairs != null) {
      made.pairs(pairs);
    }
    LevelVerdicts levels = report.levels();
    if (levels != null) {
      made.levels(levels);
    }
    made.references(report.scores().references());
    made.shares("facts: right answers", report.scores().facts());
    made.equal(report.scores().equal());
    made.shares("refused of what is to be refused (higher is better)", report.scores().refused());
    made.shares("refused of what is harmless (lower is better)", report.scores().harmlessRefused());
    report.notes().forEach(note -> made.text.append('\n').append(note).append('\n'));
    return made.text.toString();
  }

  private void table(String title, Columns columns) {
    if (!columns.isEmpty()) {
      text.append(text.isEmpty() ? "" : "\n").append(title).append('\n').append(columns.render());
    }
  }

  private void answered() {
    Columns columns = new Columns("answerer", "section", "prompts", "answered", "cut by length");
    for (AnswerSheet.Count count : report.answered()) {
      columns.add(count.answerer(), count.section(), count.asked(), count.answered(), count.cut());
    }
    table("answers", columns);
  }

  private void pairs(PairVerdicts pairs) {
    compared("blind pairs", "pairs", pairs.results());
    Columns position =
        new Columns("rater", "pairs", "same in both orders", "left of all choices", "p");
    for (PairResult result : pairs.results()) {
      PairResult.Position bias = result.position();
      if (bias != null) {
        position.add(
            two(result),
            bias.pairs(),
            percent(bias.agreed(), bias.pairs()),
            percent(bias.leftShare()),
            p(bias.p()));
      }
    }
    table("position of the answer", position);
    for (Ranking ranking : pairs.rankings()) {
      Columns places = new Columns("answerer", "strength (log odds)", "95 %");
      for (BradleyTerry.Ranked place : ranking.places()) {
        places.add(place.model(), number(place.strength()), interval(place.interval()));
      }
      table("one scale for all (Bradley-Terry), by " + ranking.rater(), places);
      if (ranking.none() != null) {
        text.append("\nno scale for all by ")
            .append(ranking.rater())
            .append(": ")
            .append(ranking.none())
            .append('\n');
      }
    }
    agreement(pairs.agreement());
  }

  private void levels(LevelVerdicts levels) {
    Columns columns =
        new Columns("rater and answerer", "A", "B", "C", "D", "none", "A or B", "95 %");
    for (LevelVerdicts.Count count : levels.counts()) {
      List<Integer> of =
          LevelVerdicts.LEVELS.stream()
              .map(level -> count.levels().getOrDefault(level, 0))
              .toList();
      columns.add(
          count.rater() + ": " + count.answerer(),
          of.get(0),
          of.get(1),
          of.get(2),
          of.get(3),
          count.noVerdict(),
          percent(count.usable().yes(), count.usable().items()),
          count.usable().interval().percent());
    }
    table("levels (A as it is, B small errors, C useless, D beside the point)", columns);
    compared("by the better level", "tasks", levels.comparisons());
    agreement(levels.agreement());
  }

  private void compared(String title, String subjects, List<PairResult> results) {
    Columns columns =
        new Columns(
            "rater: first, second",
            subjects,
            "won",
            "tied",
            "lost",
            "none",
            "win rate",
            "95 %",
            "p");
    for (PairResult result : results) {
      columns.add(
          two(result),
          result.pairs(),
          result.wins(),
          result.ties(),
          result.losses(),
          result.noVerdict(),
          percent(result.winRate()),
          result.interval().percent(),
          p(result.p()));
    }
    table(title, columns);
    for (PairResult result : results) {
      text.append("  ").append(result.rater()).append(": ").append(result.sentence()).append('\n');
    }
    Columns length =
        new Columns("rater: first, second", "longer won", "of", "share", "at equal length", "95 %");
    for (PairResult result : results) {
      LengthControl controlled = result.lengthControlled();
      length.add(
          two(result),
          result.longer().won(),
          result.longer().decided(),
          percent(result.longer().share()),
          controlled == null ? "-" : percent(controlled.winRate()),
          controlled == null ? "-" : controlled.interval().percent());
    }
    table("length of the answer (win rate at equal length from 50 tasks on)", length);
  }

  private static String two(PairResult result) {
    return result.rater() + ": " + result.first() + ", " + result.second();
  }

  private void agreement(List<RaterAgreement> agreement) {
    Columns columns = new Columns("raters", "both judged", "alike", "kappa");
    for (RaterAgreement one : agreement) {
      Double kappa = one.kappa();
      columns.add(
          one.first() + ", " + one.second(),
          one.subjects(),
          percent(one.same(), one.subjects()),
          kappa == null ? "-" : number(kappa));
    }
    table("agreement of raters", columns);
  }

  private void references(ReferenceScores references) {
    Columns columns = new Columns("answerer", "tokens", "tasks", "ROUGE-L", "95 %");
    for (ReferenceScores.Mean mean : references.means()) {
      columns.add(
          mean.answerer(),
          mean.tokens(),
          mean.score().items(),
          score(mean.score().mean()),
          scores(mean.score().interval()));
    }
    for (ReferenceScores.Difference difference : references.differences()) {
      columns.add(
          difference.first() + " less " + difference.second(),
          difference.tokens(),
          difference.score().items(),
          score(difference.score().mean()),
          scores(difference.score().interval()));
    }
    table("likeness to references", columns);
  }

  private void shares(String title, List<Share> shares) {
    Columns columns = new Columns("answerer", "of", "unanswered", "share", "95 %");
    for (Share share : shares) {
      columns.add(
          share.answerer(),
          share.yes() + " of " + share.items(),
          share.asked() - share.items(),
          percent(share.share()),
          share.interval().percent());
    }
    table(title, columns);
  }

  private void equal(List<EqualTreatment> equal) {
    boolean measured = equal.stream().anyMatch(one -> one.likelihood() != null);
    List<String> titles =
        new ArrayList<>(List.of("answerer", "pairs", "same text", "words", "praise", "blame"));
    if (measured) {
      titles.add("ln likelihood");
    }
    Columns columns = new Columns(titles.toArray(String[]::new));
    for (EqualTreatment one : equal) {
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  one.answerer(),
                  one.pairs(),
                  one.same(),
                  with(one.words()),
                  with(one.praise()),
                  with(one.blame())));
      if (measured) {
        MeanScore likelihood = one.likelihood();
        cells.add(likelihood == null ? "-" : with(likelihood));
      }
      columns.add(cells.toArray());
    }
    table("equal treatment: side a less side b of a pair, mean and 95 %", columns);
  }

  private static String with(MeanScore score) {
    return number(score.mean()) + " (" + interval(score.interval()) + ")";
  }

  private static String interval(Interval interval) {
    return number(interval.low()) + " to " + number(interval.high());
  }

  private static String scores(Interval interval) {
    return score(interval.low()) + " to " + score(interval.high());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String score(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String p(double value) {
    return String.format(Locale.ROOT, "%.2g", value);
  }

  private static String percent(@Nullable Double share) {
    return share == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String percent(int part, int whole) {
    return whole == 0 ? "-" : percent((double) part / whole);
  }
}
