package io.cria.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What came of scenarios, as a table of text. */
final class SimulationReport {
  private static final String HEADER =
      """
      What the policy of sending makes of scripted servers, in virtual time.
      share: accepted requests (tokens) to what the limit allows from the first to the last; where
        the server has no limit, answers to those of a client that keeps its window full throughout
      refused: by a rate limit, of the requests that arrived
      attempts: that arrived in the outage
      90 %: seconds from the event (from the first success after an outage) to a second at 90 % of
        the rate
      excess: of the second with the most requests over what the limit allows in it

      scenario                                              share  refused attempts  90 %   excess seconds
      """;

  private SimulationReport() {}

  static String of(List<Simulation.Row> rows) {
    StringBuilder table = new StringBuilder(HEADER);
    for (Simulation.Row row : rows) {
      String line =
          String.format(
              Locale.ROOT,
              "%-52s %6.3f %7.2f%% %8s %5s %8s %7.0f",
              row.name(),
              row.share(),
              100 * row.refused(),
              row.attempts() < 0 ? "" : row.attempts(),
              number(row.recovery(), "%.1f"),
              number(100 * row.excess(), "%.0f%%"),
              row.seconds());
      table.append(line.stripTrailing()).append('\n');
    }
    return table.toString();
  }

  private static String number(double value, String format) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  /** The lines in which two tables differ. */
  static String diff(String before, String after) {
    List<String> old = new ArrayList<>(before.lines().toList());
    List<String> now = new ArrayList<>(after.lines().toList());
    List<String> same = now.stream().filter(old::contains).toList();
    old.removeAll(same);
    now.removeAll(same);
    StringBuilder lines = new StringBuilder();
    old.forEach(line -> lines.append("- ").append(line).append('\n'));
    now.forEach(line -> lines.append("+ ").append(line).append('\n'));
    return lines.toString();
  }
}
