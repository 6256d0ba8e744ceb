package io.cria.cli;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** Examples with what they came from, as text. Needs the views of a run in the session. */
final class Lineage {
  private static final int DEMONSTRATION = 70;

  /**
   * A kept candidate that is no example is shown as far as it has come: where a text is looked for,
   * and where the run has no example at all. It may become one unless its instances were all
   * rejected.
   */
  private static final String QUERY =
      """
      WITH finished AS (
        SELECT c.candidate_id, e.example_id, e.instance_id, e.n, e.is_classification,
               e.instruction, e.input, e.output
        FROM examples e
        JOIN candidates c ON c.candidate_id = substring_index(e.instance_id, '/', 1)
        WHERE e.source = 'machine'),
      there AS (
        SELECT * FROM finished
        UNION ALL
        SELECT c.candidate_id, NULL, NULL, 0, NULL, c.instruction, c.input, c.output
        FROM candidates c
        WHERE c.kept AND (:grep <> '' OR NOT EXISTS (SELECT 1 FROM finished))
          AND NOT EXISTS (SELECT 1 FROM finished f WHERE f.candidate_id = c.candidate_id)),
      shown AS (
        SELECT * FROM there
        WHERE contains(lower(concat_ws('\n', instruction, input, output)), lower(:grep))
        ORDER BY sha2(candidate_id, 256), n
        LIMIT :n)
      SELECT s.*, c.round, c.row, c.item, c.answer_id, c.request_key,
             i.answer_id AS instance_answer_id, r.demonstrations,
             coalesce(a.hopeful, true) AS hopeful,
             l.model, l.finish_reason, l.usage.completion AS tokens, l.usd
      FROM shown s
      JOIN candidates c ON c.candidate_id = s.candidate_id
      LEFT JOIN instances i ON i.instance_id = s.instance_id
      LEFT JOIN (SELECT candidate_id, bool_or(kept) AS hopeful
                 FROM instances GROUP BY candidate_id) a
        ON a.candidate_id = s.candidate_id
      LEFT JOIN requests r ON r.request_key = c.request_key AND r.stage = 'generate'
      LEFT JOIN ledger l ON concat(l.request_key, '.', l.attempt) = c.answer_id
      ORDER BY sha2(s.candidate_id, 256), s.n
      """;

  private final StringBuilder text = new StringBuilder();
  private final Map<String, String> pool;
  private final Paint paint;

  private Lineage(Map<String, String> pool, Paint paint) {
    this.pool = pool;
    this.paint = paint;
  }

  /** At most {@code n} examples; kept candidates where the run has no example yet. */
  static String render(SparkSession spark, int n, Paint paint) {
    String shown = having(spark, n, "", paint);
    return shown.isEmpty() ? "nothing kept yet; --rejected shows what was not\n" : shown;
  }

  /**
   * Those that have a text in instruction, input or output, whatever the case; all of an empty one.
   * Empty where none has.
   */
  static String having(SparkSession spark, int n, String grep, Paint paint) {
    List<Row> rows = spark.sql(QUERY, Map.of("n", n, "grep", grep)).collectAsList();
    Lineage lineage = new Lineage(demonstrations(spark, rows), paint);
    for (int i = 0; i < rows.size(); i++) {
      lineage.one(rows.get(i), i + 1, rows.size());
    }
    return lineage.text.toString();
  }

  private static Map<String, String> demonstrations(SparkSession spark, List<Row> rows) {
    Set<String> ids = new HashSet<>();
    rows.forEach(row -> ids.addAll(list(row, "demonstrations")));
    Map<String, String> texts = new HashMap<>();
    for (Row row :
        spark
            .table("pool")
            .filter(functions.col("id").isInCollection(ids))
            .select("id", "instruction")
            .collectAsList()) {
      texts.put(row.getString(0), row.getString(1));
    }
    return texts;
  }

  private void one(Row row, int number, int of) {
    text.append(number > 1 ? "\n" : "").append(paint.bold("── " + number + " of " + of + " ──"));
    text.append(place(row)).append('\n');
    block("Instruction", row.getAs("instruction"));
    block("Input", row.getAs("input"));
    block("Output", row.getAs("output"));
    line("example", row.getAs("example_id"));
    line("instance", instance(row));
    line("candidate", row.getAs("candidate_id"));
    line("answer", answer(row));
    line("request", row.getAs("request_key"));
    String name = "shown to it";
    for (String id : list(row, "demonstrations")) {
      line(
          name,
          id + "  " + TextTable.cut(TextTable.oneLine(pool.getOrDefault(id, "")), DEMONSTRATION));
      name = "";
    }
  }

  private static String place(Row row) {
    String place =
        " round "
            + row.getAs("round")
            + ", row "
            + row.getAs("row")
            + ", item "
            + row.getAs("item");
    if (row.getAs("example_id") == null) {
      return place + (row.<Boolean>getAs("hopeful") ? ", no example yet" : ", no example");
    }
    return place
        + ", instance "
        + row.getAs("n")
        + (Boolean.TRUE.equals(row.<Boolean>getAs("is_classification")) ? ", classification" : "");
  }

  private static @Nullable String instance(Row row) {
    String id = row.getAs("instance_id");
    String answer = row.getAs("instance_answer_id");
    boolean other = answer != null && !answer.equals(row.getAs("answer_id"));
    return id != null && other ? id + "  from answer " + answer : id;
  }

  /** Of a row that has its id, and what the ledger knows of it. */
  static String answer(Row row) {
    StringBuilder answer = new StringBuilder(row.<String>getAs("answer_id"));
    String model = row.getAs("model");
    String finish = row.getAs("finish_reason");
    Long tokens = row.getAs("tokens");
    Double usd = row.getAs("usd");
    answer.append(model == null ? "" : "  " + model);
    answer.append(finish == null ? "" : ", " + finish);
    answer.append(tokens == null ? "" : ", " + tokens + " tokens");
    answer.append(usd == null || usd == 0 ? "" : String.format(Locale.ROOT, ", $%.6f", usd));
    return answer.toString();
  }

  /** A part of the example; further lines of its text stand below its first. */
  private void block(String name, @Nullable String content) {
    if (content != null && !content.isEmpty()) {
      text.append(paint.bold(String.format(Locale.ROOT, "%-12s ", name)));
      text.append(Visible.of(content.strip()).replace("\n", "\n" + " ".repeat(13))).append('\n');
    }
  }

  private void line(String name, @Nullable String value) {
    if (value != null) {
      text.append(paint.faint(String.format(Locale.ROOT, "  %-11s ", name)))
          .append(Visible.of(value))
          .append('\n');
    }
  }

  private static List<String> list(Row row, String column) {
    int at = row.fieldIndex(column);
    return row.isNullAt(at) ? List.of() : row.getList(at);
  }
}
