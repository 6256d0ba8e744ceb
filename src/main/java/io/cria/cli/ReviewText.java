package io.cria.cli;

import io.cria.evaluate.ReviewReport;
import io.cria.evaluate.ReviewStatistics;
import io.cria.task.Counted;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A review's report for people. */
final class ReviewText {
  private final ReviewReport report;
  private final String directory;

  /**
   * @param directory the review's
   */
  ReviewText(ReviewReport report, String directory) {
    this.report = report;
    this.directory = directory;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        String.format(
            Locale.ROOT,
            "review %s: %,d of %s (%s)",
            report.name(),
            report.sampled(),
            Counted.of(report.examples(), "example"),
            report.strata().stream()
                .map(
                    s ->
                        (s.isClassification() ? "classification, " : "")
                            + s.length()
                            + " "
                            + s.sampled())
                .collect(Collectors.joining("; "))));
    if (report.raters().isEmpty()) {
      line(text, "no verdicts yet: judge the examples of " + directory + "/sample.jsonl:");
      line(
          text, "--page for people, --verdicts FILE for what they wrote, --judge CONF for a model");
      return text.toString();
    }
    text.append(shares());
    text.append(agreements());
    report
        .statistics()
        .alphas()
        .forEach(
            alpha ->
                line(
                    text,
                    "Krippendorff's alpha, "
                        + alpha.question()
                        + ", "
                        + alpha.raters()
                        + " raters: "
                        + number(alpha.alpha())));
    if (!report.noVerdict().isEmpty()) {
      line(
          text,
          "no verdict of model:"
              + report.judge()
              + " on "
              + Counted.of(
                  report.noVerdict().values().stream().mapToInt(Integer::intValue).sum(), "example")
              + ": "
              + report.noVerdict().entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(Collectors.joining(", ")));
    }
    line(text, "report: " + directory + "/report.json; verdicts: table verdicts of the run");
    return text.toString();
  }

  private static void line(StringBuilder text, String words) {
    text.append(words).append('\n');
  }

  private String shares() {
    TextTable table = new TextTable(List.of("question", "rater", "yes", "n", "share", "95 %"), 40);
    for (ReviewStatistics.Yes yes : report.statistics().shares()) {
      table.add(
          List.of(
              yes.question(),
              yes.rater() == null ? "majority" : yes.rater(),
              String.valueOf(yes.yes()),
              String.valueOf(yes.n()),
              yes.share() == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * yes.share()),
              yes.interval() == null ? "-" : yes.interval().percent()));
    }
    return table.render();
  }

  private String agreements() {
    if (report.statistics().agreements().isEmpty()) {
      return "";
    }
    TextTable table =
        new TextTable(List.of("agreement on", "between", "and", "n", "alike", "kappa"), 40);
    for (ReviewStatistics.Agreement agreement : report.statistics().agreements()) {
      table.add(
          List.of(
              agreement.question(),
              agreement.raters().first(),
              agreement.raters().second(),
              String.valueOf(agreement.raters().subjects()),
              String.valueOf(agreement.raters().same()),
              number(agreement.raters().kappa())));
    }
    return table.render();
  }

  /** Where nobody said anything else, agreement has no value. */
  private static String number(@Nullable Double value) {
    return value == null ? "no value" : String.format(Locale.ROOT, "%.3f", value);
  }
}
