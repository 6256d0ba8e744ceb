package io.cria.report;

import io.cria.evaluate.Wilson;
import io.cria.report.ReportFigures.Count;
import io.cria.report.ReportFigures.Curve;
import io.cria.report.ReportFigures.Moderation;
import io.cria.report.ReportFigures.Point;
import io.cria.report.ReportFigures.VerdictCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** What was judged of a run, what moderation says, and what was learnt from it. */
final class JudgedFigures {
  /** More steps of a training are put together. */
  static final int MOST_POINTS = 300;

  private static final int MOST_VERDICTS = 300;
  private static final int MOST_TRAININGS = 12;
  private static final double CONFIDENCE = 0.95;

  /** Kinds of judgement that look at some and are to tell of all. */
  private static final Set<String> SAMPLED = Set.of("review");

  private static final String VERDICTS =
      """
      SELECT kind, name, rater, question, verdict, count(*),
        sum(count(*)) OVER (PARTITION BY kind, name, question, rater) FROM verdicts
      WHERE kind <> 'moderation'
      GROUP BY kind, name, rater, question, verdict
      ORDER BY kind, name, question, rater, verdict LIMIT :n
      """;

  private static final String MODERATED =
      "SELECT count(*), count_if(flagged), count_if(size(pii) > 0) FROM moderated";

  private static final String KINDS =
      """
      SELECT what, name, count(*) AS n FROM (
        SELECT 'category' AS what, explode(categories) AS name FROM moderated
        UNION ALL
        SELECT 'pii', explode(pii) FROM moderated)
      GROUP BY what, name ORDER BY n DESC, name
      """;

  private static final String TRAININGS =
      "SELECT name, max(step) FROM training GROUP BY name ORDER BY name LIMIT :n";

  private static final String CURVE =
      """
      SELECT max(step) AS step, avg(loss), avg(evaluation_loss), avg(lr) FROM training
      WHERE name = :name GROUP BY CAST(ceil(step / :width) AS INT) ORDER BY step
      """;

  private final SparkSession spark;

  JudgedFigures(SparkSession spark) {
    this.spark = spark;
  }

  List<VerdictCount> verdicts() {
    return spark.sql(VERDICTS, Map.of("n", MOST_VERDICTS)).collectAsList().stream()
        .map(JudgedFigures::verdict)
        .toList();
  }

  private static VerdictCount verdict(Row row) {
    long count = row.getLong(5);
    long all = row.getLong(6);
    return new VerdictCount(
        row.getString(0),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        count,
        all,
        SAMPLED.contains(row.getString(0)) ? Wilson.interval(count, all, CONFIDENCE) : null);
  }

  /** Null where nothing was moderated. */
  @Nullable Moderation moderation() {
    Row all = spark.sql(MODERATED).first();
    if (all.getLong(0) == 0) {
      return null;
    }
    List<Count> categories = new ArrayList<>();
    List<Count> kinds = new ArrayList<>();
    for (Row row : spark.sql(KINDS).collectAsList()) {
      (row.getString(0).equals("category") ? categories : kinds)
          .add(new Count(row.getString(1), row.getLong(2)));
    }
    return new Moderation(all.getLong(0), all.getLong(1), all.getLong(2), categories, kinds);
  }

  List<Curve> training() {
    List<Curve> curves = new ArrayList<>();
    for (Row row : spark.sql(TRAININGS, Map.of("n", MOST_TRAININGS)).collectAsList()) {
      int width = Math.max(1, (row.getInt(1) + MOST_POINTS - 1) / MOST_POINTS);
      List<Point> points =
          spark
              .sql(CURVE, Map.of("name", row.getString(0), "width", width))
              .collectAsList()
              .stream()
              .map(
                  point ->
                      new Point(point.getInt(0), real(point, 1), real(point, 2), real(point, 3)))
              .toList();
      curves.add(new Curve(row.getString(0), width, points));
    }
    return curves;
  }

  private static @Nullable Double real(Row row, int column) {
    return row.isNullAt(column) ? null : row.getDouble(column);
  }
}
