package io.cria.cli;

import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * All that a run has of one id, as text: the candidates that came of a request or were asked about
 * by it, kept or not and why, with what became of each. Needs the views of a run in the session.
 */
final class ShownId {
  private static final String CANDIDATES =
      """
      WITH meant AS (
        SELECT candidate_id FROM candidates WHERE request_key = :key
          AND (:item < 0 OR item = :item)
        UNION
        SELECT candidate_id FROM classified
        WHERE substring_index(answer_id, '.', 1) = :key AND :item < 0
        UNION
        SELECT candidate_id FROM instances
        WHERE substring_index(answer_id, '.', 1) = :key AND :item < 0)
      SELECT c.*, p.instruction AS neighbour, k.is_classification, k.reason AS class_reason,
             l.model, l.finish_reason, l.usage.completion AS tokens, l.usd
      FROM candidates c
      JOIN meant m ON m.candidate_id = c.candidate_id
      LEFT JOIN pool p ON p.id = c.neighbour_id
      LEFT JOIN classified k ON k.candidate_id = c.candidate_id
      LEFT JOIN ledger l ON concat(l.request_key, '.', l.attempt) = c.answer_id
      ORDER BY c.round, c.row, c.item
      """;

  private static final String ITEMS =
      "SELECT DISTINCT item FROM candidates WHERE request_key = :key ORDER BY item";

  /** Some recipes make examples of candidates themselves. */
  private static final String NUMBERS =
      """
      SELECT n FROM instances WHERE candidate_id = :id
      UNION
      SELECT n FROM examples WHERE substring_index(instance_id, '/', 1) = :id
      ORDER BY n
      """;

  private static final String INSTANCES =
      """
      SELECT i.*, e.examples FROM instances i
      LEFT JOIN (SELECT instance_id, concat_ws(', ', sort_array(collect_list(example_id))) AS examples
                 FROM examples GROUP BY instance_id) e ON e.instance_id = i.instance_id
      WHERE i.candidate_id = :id ORDER BY i.n
      """;

  private static final String SEED =
      "SELECT id, instruction, is_classification, instances FROM seeds WHERE id = :id";

  private static final String REQUEST =
      """
      SELECT r.stage, r.round, r.row, r.subject_id,
             concat_ws(', ', collect_list(concat('attempt ', l.attempt, ' ', l.outcome,
               coalesce(concat(' (', l.error, ')'), '')))) AS attempts
      FROM requests r LEFT JOIN ledger l ON l.request_key = r.request_key
      WHERE r.request_key = :key GROUP BY ALL
      """;

  private final SparkSession spark;
  private final String run;
  private final Paint paint;
  private final SideBySide similar;
  private final StringBuilder text = new StringBuilder();

  private ShownId(SparkSession spark, String run, Paint paint, SideBySide similar) {
    this.spark = spark;
    this.run = run;
    this.paint = paint;
    this.similar = similar;
  }

  /**
   * All of it.
   *
   * @param run as the user called it
   * @throws io.cria.task.CriaException (bad input) where the answer has no such item, or the
   *     candidate or seed task no such instance
   */
  static String render(SparkSession spark, String run, RunId id, Paint paint, SideBySide similar) {
    ShownId shown = new ShownId(spark, run, paint, similar);
    if (id.seed()) {
      shown.seed(id);
    } else {
      shown.request(id);
    }
    return shown.text.toString();
  }

  private void seed(RunId id) {
    Row row = spark.sql(SEED, Map.of("id", id.key())).head();
    List<Row> instances = row.getList(3);
    List<Integer> numbers = IntStream.range(0, instances.size()).boxed().toList();
    Integer only = id.instance();
    RunId.require(run, "seed task " + id.key(), "instance", only, numbers);
    List<String> place = new ArrayList<>();
    if (only != null) {
      place.add("instance " + only);
    }
    if (row.getBoolean(2)) {
      place.add("classification");
    }
    head("seed task " + id.key(), String.join(", ", place));
    block("Instruction", row.getString(1));
    for (int n : only == null ? numbers : List.of(only)) {
      block("Input", instances.get(n).getAs("input"));
      block("Output", instances.get(n).getAs("output"));
    }
  }

  private void request(RunId id) {
    int item = id.item() == null ? -1 : id.item();
    if (id.item() != null) {
      List<Integer> items = numbers(ITEMS, Map.of("key", id.key()));
      RunId.require(run, "the answer of request " + id.key(), "item", id.item(), items);
      String candidate = Ids.candidate(id.key(), item);
      List<Integer> instances = numbers(NUMBERS, Map.of("id", candidate));
      RunId.require(run, "candidate " + candidate, "instance", id.instance(), instances);
    }
    List<Row> rows = spark.sql(CANDIDATES, Map.of("key", id.key(), "item", item)).collectAsList();
    rows.forEach(this::candidate);
    if (rows.isEmpty()) {
      withoutCandidate(id.key());
    }
  }

  private List<Integer> numbers(String query, Map<String, Object> of) {
    return spark.sql(query, of).collectAsList().stream().map(row -> row.getInt(0)).toList();
  }

  /** A request that brought none, or is not answered. */
  private void withoutCandidate(String key) {
    for (Row row : spark.sql(REQUEST, Map.of("key", key)).collectAsList()) {
      head(
          "request " + key,
          row.getString(0) + ", round " + row.getInt(1) + ", row " + row.getInt(2));
      line("asked about", row.getAs("subject_id"));
      String attempts = row.getAs("attempts");
      line("attempts", attempts.isEmpty() ? "none yet" : attempts);
    }
  }

  private void candidate(Row row) {
    String place =
        "round " + row.getAs("round") + ", row " + row.getAs("row") + ", item " + row.getAs("item");
    head("candidate " + row.<String>getAs("candidate_id"), place);
    String reason = row.getAs("reason");
    painted("verdict", reason == null ? paint.green("kept") : paint.yellow("rejected: " + reason));
    String instruction = row.getAs("instruction");
    String neighbour = row.getAs("neighbour");
    if (neighbour == null) {
      block("Instruction", instruction.isEmpty() ? row.getAs("raw") : instruction);
    } else {
      text.append(similar.of(instruction, Rejected.near(row), neighbour));
    }
    block("Input", row.getAs("input"));
    block("Output", row.getAs("output"));
    classified(row);
    String id = row.getAs("candidate_id");
    spark.sql(INSTANCES, Map.of("id", id)).collectAsList().forEach(this::instance);
    line("answer", Lineage.answer(row));
    line("request", row.getAs("request_key"));
  }

  private void classified(Row row) {
    Boolean classifies = row.getAs("is_classification");
    String trouble = row.getAs("class_reason");
    if (trouble != null) {
      painted("class", paint.yellow("not known: " + trouble));
    } else if (classifies != null) {
      line("class", classifies ? "classification" : "no classification");
    }
  }

  private void instance(Row row) {
    String reason = row.getAs("reason");
    List<String> words = new ArrayList<>();
    words.add(row.getAs("instance_id"));
    words.add(reason == null ? paint.green("kept") : paint.yellow("rejected: " + reason));
    painted("instance", String.join("  ", words));
    String input = row.getAs("input");
    String output = row.getAs("output");
    block("Input", input);
    block("Output", input.isEmpty() && output.isEmpty() ? row.getAs("raw") : output);
    line("example", row.getAs("examples"));
  }

  private void head(String what, String place) {
    text.append(text.isEmpty() ? "" : "\n").append(paint.bold("── " + what + " ──"));
    text.append(place.isEmpty() ? "" : " " + place).append('\n');
  }

  private void block(String name, @Nullable String content) {
    if (content != null && !content.isEmpty()) {
      text.append(paint.bold(String.format(Locale.ROOT, "%-12s ", name)));
      text.append(Visible.of(content.strip()).replace("\n", "\n" + " ".repeat(13))).append('\n');
    }
  }

  private void line(String name, @Nullable String value) {
    if (value != null) {
      painted(name, Visible.of(value));
    }
  }

  /** A value of our own words, in colour. */
  private void painted(String name, String value) {
    text.append(paint.faint(String.format(Locale.ROOT, "  %-11s ", name)));
    text.append(value).append('\n');
  }
}
