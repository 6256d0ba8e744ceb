package io.cria.view;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The tables that can be looked through, and how each is read out of a run's views. Columns are
 * those of {@link Snapshot.Line}, rows in the order of acceptance.
 */
enum ViewedTable {
  EXAMPLES(
      """
      SELECT round, row, item, n, example_id AS id, instruction, input, output, '' AS raw,
        if(source = 'machine', if(is_classification, 'classification', 'non-classification'), source) AS kind,
        CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS neighbour,
        CAST(NULL AS DOUBLE) AS score, coalesce(marks, 0L) AS marks
      FROM examples LEFT JOIN (
        SELECT subject_id, bit_or(shiftleft(1L, bit)) AS marks
        FROM (
          SELECT subject_id, CAST(array_position(:labels, LABEL) AS INT) - 1 AS bit FROM verdicts)
        WHERE bit >= 0 GROUP BY subject_id) ON subject_id = example_id
      ORDER BY round, row, item, n, id
      """),
  CANDIDATES(
      """
      SELECT round, row, item, 0 AS n, candidate_id AS id, instruction, input, output, raw,
        if(kept, 'kept', 'rejected') AS kind, reason, neighbour_id AS neighbour,
        neighbour_score AS score, 0L AS marks
      FROM candidates ORDER BY round, row, item
      """),
  POOL(
      """
      SELECT round, row, item, 0 AS n, id, instruction, '' AS input, '' AS output, '' AS raw,
        source AS kind, CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS neighbour,
        CAST(NULL AS DOUBLE) AS score, 0L AS marks
      FROM pool ORDER BY round, row, item
      """),
  INSTANCES(
      """
      SELECT i.round, i.row, i.item, i.n, i.instance_id AS id,
        coalesce(c.instruction, '') AS instruction, i.input, i.output, i.raw,
        if(i.kept, 'kept', 'rejected') AS kind, i.reason, CAST(NULL AS STRING) AS neighbour,
        CAST(NULL AS DOUBLE) AS score, 0L AS marks
      FROM instances i LEFT JOIN candidates c USING (candidate_id)
      ORDER BY round, row, item, n
      """);

  /** What was judged of an example, in words; who judged makes no difference. */
  private static final String LABEL =
      "concat(kind, if(name = kind, '', concat(' ', name)), ': ', question, ' = ', verdict)";

  /** The most frequent ones, and on how many examples. */
  private static final String LABELS =
      """
      SELECT LABEL AS said, count(DISTINCT subject_id) AS n
      FROM verdicts GROUP BY ALL ORDER BY n DESC, said LIMIT :most
      """;

  private final String query;

  ViewedTable(String query) {
    this.query = query;
  }

  /** As addresses have it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<ViewedTable> of(String word) {
    return Stream.of(values()).filter(table -> table.word().equals(word)).findFirst();
  }

  /** Reads it; needs the views of the run in the session. */
  Snapshot read(SparkSession spark) {
    return read(spark, new Snapshot());
  }

  /** Reads it into an empty snapshot, which is closed when that fails. */
  Snapshot read(SparkSession spark, Snapshot snapshot) {
    boolean whole = false;
    try {
      spark.sparkContext().setJobDescription("cria: view of " + word());
      List<Codes.Count> labels = this == EXAMPLES ? labels(spark) : List.of();
      Iterator<Row> rows = rows(spark, labels).toLocalIterator();
      while (rows.hasNext()) {
        snapshot.add(line(rows.next()));
      }
      Snapshot read = snapshot.completed(labels);
      whole = true;
      return read;
    } finally {
      // Spark throws checked exceptions that its methods do not declare
      if (!whole) {
        snapshot.close();
      }
    }
  }

  private static List<Codes.Count> labels(SparkSession spark) {
    return spark
        .sql(LABELS.replace("LABEL", LABEL), Map.of("most", Snapshot.MOST_VERDICTS - 1))
        .collectAsList()
        .stream()
        .map(row -> new Codes.Count(row.getString(0), row.getLong(1)))
        .toList();
  }

  private Dataset<Row> rows(SparkSession spark, List<Codes.Count> labels) {
    if (this != EXAMPLES) {
      return spark.sql(query);
    }
    // the empty label, which none has, gives the array a type where there are no others
    Column names =
        functions.array(
            Stream.concat(labels.stream().map(Codes.Count::value), Stream.of(""))
                .map(functions::lit)
                .toArray(Column[]::new));
    return spark.sql(query.replace("LABEL", LABEL), Map.of("labels", names));
  }

  private static Snapshot.Line line(Row row) {
    return new Snapshot.Line(
        new Key(row.getInt(0), row.getInt(1), row.getInt(2), row.getInt(3)),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getString(11),
        row.isNullAt(12) ? null : row.getDouble(12),
        row.getLong(13));
  }
}
