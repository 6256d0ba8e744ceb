package io.cria.seed;

import io.cria.seed.SeedReport.Counts;
import io.cria.seed.SeedReport.Finding;
import io.cria.seed.SeedReport.Severity;
import io.cria.seed.SeedReport.Share;
import io.cria.task.Counted;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A {@link SeedReport} as text for a person: findings, counts, verdict. */
public final class SeedReportText {
  private static final int SHOWN_WORDS = 5;
  private static final int SHOWN_FINDINGS = 20;

  private SeedReportText() {}

  /**
   * Lines that each end with {@code \n}; a finding begins with {@code FILE:LINE}. Of many errors or
   * many warnings the first stand there, and how many more there are.
   */
  public static String render(SeedReport report) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : shown(report)) {
      text.append(report.displayName());
      if (finding.line() > 0) {
        text.append(':').append(finding.line());
      }
      text.append(finding.severity() == Severity.ERROR ? ": error: " : ": warning: ");
      text.append(finding.message()).append('\n');
    }
    left(report, report.errors(), "error", text);
    left(report, report.warnings(), "warning", text);
    if (!report.findings().isEmpty()) {
      text.append('\n');
    }
    appendCounts(text, report.counts());
    return text.append('\n').append(verdict(report)).append('\n').toString();
  }

  /** The first of each severity, in the report's order. */
  private static List<Finding> shown(SeedReport report) {
    Map<Severity, Integer> seen = new EnumMap<>(Severity.class);
    return report.findings().stream()
        .filter(finding -> seen.merge(finding.severity(), 1, Integer::sum) <= SHOWN_FINDINGS)
        .toList();
  }

  private static void left(SeedReport report, long count, String noun, StringBuilder text) {
    if (count > SHOWN_FINDINGS) {
      text.append(report.displayName())
          .append(": and ")
          .append(Counted.of(count - SHOWN_FINDINGS, "more " + noun))
          .append('\n');
    }
  }

  private static void appendCounts(StringBuilder text, Counts counts) {
    row(text, "tasks", String.valueOf(counts.tasks()));
    row(text, "classification", ofAll(counts.classification(), counts.tasks()));
    row(text, "instances", String.valueOf(counts.instances()));
    row(text, "with input", ofAll(counts.withInput(), counts.instances()));
    row(text, "without input", ofAll(counts.instances() - counts.withInput(), counts.instances()));
    row(text, "empty outputs", String.valueOf(counts.emptyOutputs()));
    row(text, "duplicates", String.valueOf(counts.duplicates()));
    row(text, "near-duplicates", String.valueOf(counts.nearDuplicates()));
    row(text, "first words", shares(counts.firstWords()));
    row(text, "scripts", shares(counts.scripts()));
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-16s ", name)).append(value).append('\n');
  }

  private static String ofAll(int count, int all) {
    return all == 0 ? "0" : String.format(Locale.ROOT, "%d (%.0f %%)", count, 100.0 * count / all);
  }

  private static String shares(List<Share> shares) {
    if (shares.isEmpty()) {
      return "-";
    }
    return shares.stream()
        .limit(SHOWN_WORDS)
        .map(share -> share.name() + " " + share.tasks())
        .collect(Collectors.joining(", "));
  }

  private static String verdict(SeedReport report) {
    if (!report.isUsable()) {
      return "not usable: "
          + Counted.of(report.errors(), "error")
          + ", "
          + Counted.of(report.warnings(), "warning");
    }
    return report.warnings() == 0
        ? "good: no errors, no warnings"
        : "usable, with " + Counted.of(report.warnings(), "warning");
  }
}
