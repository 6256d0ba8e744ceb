package io.cria.cli;

import io.cria.config.NearestWord;
import io.cria.task.CriaException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** What a run did not keep, and why, as text. Needs the views of a run in the session. */
final class Rejected {
  private static final int LONGEST = 400;

  /** A request that brought no text is told in the server's own words. */
  private static final String ALL =
      """
      WITH rejected AS (
        SELECT 'candidate' AS what, c.candidate_id AS id, c.reason,
               CASE WHEN c.instruction <> '' THEN c.instruction
                    WHEN c.raw <> '' THEN c.raw ELSE coalesce(a.error, '') END AS text,
               c.neighbour_id, c.neighbour_score
        FROM candidates c LEFT JOIN answers a ON a.answer_id = c.answer_id WHERE NOT c.kept
        UNION ALL
        SELECT 'class', k.candidate_id, k.reason, coalesce(a.error, k.raw), NULL, NULL
        FROM classified k LEFT JOIN answers a ON a.answer_id = k.answer_id
        WHERE k.reason IS NOT NULL
        UNION ALL
        SELECT 'instance', i.instance_id, i.reason,
               CASE WHEN i.input <> '' OR i.output <> '' THEN concat(i.input, ' → ', i.output)
                    WHEN i.raw <> '' THEN i.raw ELSE coalesce(a.error, '') END,
               NULL, NULL
        FROM instances i LEFT JOIN answers a ON a.answer_id = i.answer_id WHERE NOT i.kept
        UNION ALL
        SELECT 'open request', concat(l.request_key, '.', l.attempt), l.outcome,
               coalesce(l.error, ''), NULL, NULL
        FROM ledger l LEFT ANTI JOIN answers a ON a.request_key = l.request_key
        WHERE l.outcome NOT IN ('ok', 'retry-rate', 'retry-transient')
          AND NOT (l.outcome = 'terminal-paid' AND l.text <> ''))
      """;

  private static final String COUNTS =
      ALL
          + """
          SELECT what, reason, count(*) AS n FROM rejected
          WHERE contains(lower(text), lower(:grep))
          GROUP BY what, reason ORDER BY what, n DESC, reason
          """;

  private static final String SHOWN =
      ALL
          + """
          , ranked AS (
            SELECT *, row_number() OVER (PARTITION BY what, reason ORDER BY sha2(id, 256), id) AS turn
            FROM rejected
            WHERE contains(lower(text), lower(:grep)) AND (:reason = '' OR reason = :reason))
          SELECT r.what, r.id, r.reason, r.text, r.neighbour_id, r.neighbour_score,
                 p.instruction AS neighbour
          FROM (SELECT * FROM ranked ORDER BY turn, what, reason LIMIT :n) r
          LEFT JOIN pool p ON p.id = r.neighbour_id
          ORDER BY r.what, r.reason, r.turn
          """;

  private final StringBuilder text = new StringBuilder();
  private final Paint paint;
  private final SideBySide similar;

  private Rejected(Paint paint, SideBySide similar) {
    this.paint = paint;
    this.similar = similar;
  }

  /**
   * Counts by reason, then at most {@code n} rejected texts, the reasons taken in turn.
   *
   * @param grep a text that they have, whatever the case; empty for all
   * @param reason the only one shown; empty for all
   * @throws CriaException (bad input) where nothing was rejected for that reason
   */
  static String render(
      SparkSession spark, int n, String grep, String reason, Paint paint, SideBySide similar) {
    List<Row> counts = spark.sql(COUNTS, Map.of("grep", grep)).collectAsList();
    if (!reason.isEmpty()) {
      requireKnown(reason, spark);
      counts = counts.stream().filter(row -> row.getString(1).equals(reason)).toList();
    }
    if (counts.isEmpty()) {
      return "nothing rejected" + (grep.isEmpty() ? "" : " has '" + grep + "'") + "\n";
    }
    Rejected rejected = new Rejected(paint, similar);
    counts.forEach(rejected::count);
    spark
        .sql(SHOWN, Map.of("n", n, "grep", grep, "reason", reason))
        .collectAsList()
        .forEach(rejected::one);
    return rejected.text.toString();
  }

  private static void requireKnown(String reason, SparkSession spark) {
    List<String> reasons =
        spark.sql(COUNTS, Map.of("grep", "")).collectAsList().stream()
            .map(row -> row.getString(1))
            .distinct()
            .sorted()
            .toList();
    if (!reasons.contains(reason)) {
      throw CriaException.badInput(
          "nothing was rejected for '"
              + reason
              + "', --reason"
              + NearestWord.of(reason, reasons)
                  .map(near -> ": did you mean " + near + "?")
                  .orElse("")
              + (reasons.isEmpty()
                  ? ": nothing was rejected at all"
                  : " The reasons here are " + String.join(", ", reasons)));
    }
  }

  private void count(Row row) {
    text.append(plural(row.getString(0)) + " " + row.getString(1) + ": " + row.getLong(2));
    text.append('\n');
  }

  private static String plural(String what) {
    return what.endsWith("s") ? what + "es" : what + "s";
  }

  private void one(Row row) {
    text.append('\n').append(paint.bold("── " + row.<String>getAs("reason") + " ──")).append(' ');
    text.append(row.<String>getAs("what")).append(' ').append(row.<String>getAs("id")).append('\n');
    String neighbour = row.getAs("neighbour");
    if (neighbour != null) {
      text.append(similar.of(row.getAs("text"), near(row), neighbour));
      return;
    }
    text.append(shown(row.getAs("text"))).append('\n');
    if (row.getAs("neighbour_id") != null) {
      text.append("  ").append(near(row)).append("\n  (empty)\n");
    }
  }

  /** How near it is to which. */
  static String near(Row row) {
    return String.format(
        Locale.ROOT,
        "ROUGE-L %.3f with %s",
        row.<Double>getAs("neighbour_score"),
        row.<String>getAs("neighbour_id"));
  }

  private static String shown(@Nullable String text) {
    return text == null || text.isBlank()
        ? "(empty)"
        : TextTable.cut(TextTable.oneLine(text.strip()), LONGEST);
  }
}
