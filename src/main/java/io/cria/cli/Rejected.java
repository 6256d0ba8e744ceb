package io.cria.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
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
          GROUP BY what, reason ORDER BY what, n DESC, reason
          """;

  private static final String SHOWN =
      ALL
          + """
          , ranked AS (
            SELECT *, row_number() OVER (PARTITION BY what, reason ORDER BY sha2(id, 256), id) AS turn
            FROM rejected)
          SELECT r.what, r.id, r.reason, r.text, r.neighbour_id, r.neighbour_score,
                 p.instruction AS neighbour
          FROM (SELECT * FROM ranked ORDER BY turn, what, reason LIMIT :n) r
          LEFT JOIN pool p ON p.id = r.neighbour_id
          ORDER BY r.what, r.reason, r.turn
          """;

  private Rejected() {}

  /** Counts by reason, then at most {@code n} rejected texts, the reasons taken in turn. */
  static String render(SparkSession spark, int n) {
    List<Row> counts = spark.sql(COUNTS).collectAsList();
    if (counts.isEmpty()) {
      return "nothing rejected\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        counts.stream()
            .map(row -> plural(row.getString(0)) + " " + row.getString(1) + ": " + row.getLong(2))
            .collect(Collectors.joining("\n", "", "\n")));
    for (Row row : spark.sql(SHOWN, Map.of("n", n)).collectAsList()) {
      one(text, row);
    }
    return text.toString();
  }

  private static String plural(String what) {
    return what.endsWith("s") ? what + "es" : what + "s";
  }

  private static void one(StringBuilder text, Row row) {
    text.append("\n── ").append(row.<String>getAs("reason")).append(" ── ");
    text.append(row.<String>getAs("what")).append(' ').append(row.<String>getAs("id")).append('\n');
    text.append(shown(row.getAs("text"))).append('\n');
    String neighbour = row.getAs("neighbour_id");
    if (neighbour != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "  ROUGE-L %.3f with %s%n",
              row.<Double>getAs("neighbour_score"),
              neighbour));
      text.append("  ").append(shown(row.getAs("neighbour"))).append('\n');
    }
  }

  private static String shown(@Nullable String text) {
    return text == null || text.isBlank()
        ? "(empty)"
        : TextTable.cut(TextTable.oneLine(text.strip()), LONGEST);
  }
}
