package io.cria.report;

import io.cria.report.ReportFigures.Neighbour;
import io.cria.report.ReportFigures.Pair;
import io.cria.report.ReportFigures.Sample;
import io.cria.similarity.CommonWords;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Texts to look at: a fixed sample of the examples with where each comes from, and pairs that are
 * alike. The samples are small; what belongs to them is looked up by id.
 */
final class SampleFigures {
  static final int SAMPLES = 20;
  static final int PAIRS = 10;

  /** Longer texts are cut. */
  private static final int MOST_CHARACTERS = 4_000;

  private static final String DRAWN =
      """
      SELECT example_id, instance_id, substring_index(instance_id, '/', 1) AS candidate_id,
             round, row, item, n, is_classification, instruction, input, output
      FROM examples WHERE source = 'machine'
      ORDER BY sha2(example_id, 256) LIMIT :n
      """;

  private static final String REJECTED =
      """
      SELECT candidate_id, instruction, neighbour_id, neighbour_score FROM candidates
      WHERE reason = 'similar' AND neighbour_id IS NOT NULL
      ORDER BY sha2(candidate_id, 256) LIMIT :n
      """;

  /** Of two that are each other's nearest both rows are there. */
  private static final String ALIKE =
      """
      SELECT candidate_id, machine_id, machine_score FROM neighbours WHERE machine_id IS NOT NULL
      ORDER BY machine_score DESC, round, row, item LIMIT :n
      """;

  private final SparkSession spark;
  private final Tokenizer tokenizer;

  SampleFigures(SparkSession spark, Tokenizer tokenizer) {
    this.spark = spark;
    this.tokenizer = tokenizer;
  }

  List<Sample> samples() {
    List<Row> drawn = spark.sql(DRAWN, Map.of("n", SAMPLES)).collectAsList();
    if (drawn.isEmpty()) {
      return List.of();
    }
    Set<String> ids = ids(drawn, "candidate_id");
    Map<String, Row> candidates =
        byId("candidates", "candidate_id", ids, "request_key", "answer_id");
    Map<String, Row> answers =
        byId(
            "answers",
            "answer_id",
            ids(candidates.values(), "answer_id"),
            "model",
            "finish_reason",
            "completion_tokens",
            "usd");
    Map<String, Row> neighbours =
        byId(
            "neighbours",
            "candidate_id",
            ids,
            "seed_id",
            "seed_score",
            "machine_id",
            "machine_score");
    Set<String> alike = ids(neighbours.values(), "seed_id");
    alike.addAll(ids(neighbours.values(), "machine_id"));
    Map<String, Row> texts = byId("pool", "id", alike, "instruction");
    return drawn.stream().map(row -> sample(row, candidates, answers, neighbours, texts)).toList();
  }

  private static Sample sample(
      Row row,
      Map<String, Row> candidates,
      Map<String, Row> answers,
      Map<String, Row> neighbours,
      Map<String, Row> texts) {
    String candidate = row.getAs("candidate_id");
    Row origin = candidates.get(candidate);
    Row answer = origin == null ? null : answers.get(origin.<String>getAs("answer_id"));
    Row near = neighbours.get(candidate);
    return new Sample(
        row.getAs("example_id"),
        row.getAs("instance_id"),
        origin == null ? null : candidate,
        text(origin, "answer_id"),
        text(origin, "request_key"),
        row.<Integer>getAs("round"),
        row.<Integer>getAs("row"),
        row.<Integer>getAs("item"),
        row.<Integer>getAs("n"),
        row.<Boolean>getAs("is_classification"),
        cut(row.getAs("instruction")),
        cut(row.getAs("input")),
        cut(row.getAs("output")),
        text(answer, "model"),
        text(answer, "finish_reason"),
        answer == null ? null : answer.<Long>getAs("completion_tokens"),
        answer == null ? null : answer.<Double>getAs("usd"),
        neighbour(near, "seed", texts),
        neighbour(near, "machine", texts));
  }

  private static @Nullable String text(@Nullable Row row, String column) {
    return row == null ? null : row.getAs(column);
  }

  private static @Nullable Neighbour neighbour(
      @Nullable Row row, String kind, Map<String, Row> texts) {
    String id = text(row, kind + "_id");
    Row text = id == null ? null : texts.get(id);
    return row == null || id == null || text == null
        ? null
        : new Neighbour(
            id, row.<Double>getAs(kind + "_score"), cut(text.<String>getAs("instruction")));
  }

  private static String cut(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + " …";
  }

  /** Some of what was rejected as similar, the most alike first. */
  List<Pair> rejected() {
    List<Row> rows = spark.sql(REJECTED, Map.of("n", PAIRS)).collectAsList();
    Map<String, Row> texts = byId("pool", "id", ids(rows, "neighbour_id"), "instruction");
    List<Pair> pairs = new ArrayList<>();
    for (Row row : rows) {
      Row other = texts.get(row.<String>getAs("neighbour_id"));
      if (other != null) {
        pairs.add(
            pair(
                row.getAs("candidate_id"),
                row.getAs("neighbour_id"),
                row.<Double>getAs("neighbour_score"),
                row.getAs("instruction"),
                other.getAs("instruction")));
      }
    }
    pairs.sort(Comparator.comparingDouble(Pair::score).reversed().thenComparing(Pair::id));
    return pairs;
  }

  /** The most alike of what was kept, each pair once. */
  List<Pair> kept() {
    Map<String, Row> pairs = new HashMap<>();
    List<Row> chosen = new ArrayList<>();
    for (Row row : spark.sql(ALIKE, Map.of("n", 2 * PAIRS)).collectAsList()) {
      String id = row.getAs("candidate_id");
      String other = row.getAs("machine_id");
      if (chosen.size() < PAIRS && pairs.putIfAbsent(unordered(id, other), row) == null) {
        chosen.add(row);
      }
    }
    Set<String> ids = ids(chosen, "candidate_id");
    ids.addAll(ids(chosen, "machine_id"));
    Map<String, Row> texts = byId("pool", "id", ids, "instruction");
    List<Pair> made = new ArrayList<>();
    for (Row row : chosen) {
      Row text = texts.get(row.<String>getAs("candidate_id"));
      Row other = texts.get(row.<String>getAs("machine_id"));
      if (text != null && other != null) {
        made.add(
            pair(
                row.getAs("candidate_id"),
                row.getAs("machine_id"),
                row.<Double>getAs("machine_score"),
                text.getAs("instruction"),
                other.getAs("instruction")));
      }
    }
    return made;
  }

  private static String unordered(String id, String other) {
    return id.compareTo(other) < 0 ? id + " " + other : other + " " + id;
  }

  private Pair pair(String id, String otherId, double score, String text, String other) {
    CommonWords words = CommonWords.of(cut(text), cut(other), tokenizer);
    return new Pair(id, otherId, score, words.left(), words.right());
  }

  /** The rows of a view with these ids, by id. */
  private Map<String, Row> byId(String view, String id, Set<String> ids, String... columns) {
    Map<String, Row> rows = new HashMap<>();
    if (!ids.isEmpty()) {
      for (Row row :
          spark
              .table(view)
              .filter(functions.col(id).isInCollection(ids))
              .select(id, columns)
              .collectAsList()) {
        rows.put(row.getString(0), row);
      }
    }
    return rows;
  }

  private static Set<String> ids(Iterable<Row> rows, String column) {
    Set<String> ids = new HashSet<>();
    for (Row row : rows) {
      String id = row.getAs(column);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }
}
