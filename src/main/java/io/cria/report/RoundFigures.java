package io.cria.report;

import io.cria.report.ReportFigures.Count;
import io.cria.report.ReportFigures.RoundRow;
import io.cria.report.ReportFigures.Rounds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What became of what was asked, by round and by reason: one query over four tables. */
final class RoundFigures {
  /** More rows are not drawn apart: neighbouring rounds are put together. */
  static final int MOST_ROWS = 40;

  private static final String KEPT = "kept";
  private static final String REQUESTS = "requests";
  private static final String CANDIDATES = "candidates";
  private static final String INSTANCES = "instances";
  private static final String EXAMPLES = "examples";

  private static final String QUERY =
      """
      SELECT source, CAST(floor(round / :width) * :width AS INT) AS first, reason, count(*) AS n
      FROM (
        SELECT 'requests' AS source, round, 'kept' AS reason FROM requests WHERE stage = 'generate'
        UNION ALL
        SELECT 'candidates', round, if(kept, 'kept', coalesce(reason, '')) FROM candidates
        UNION ALL
        SELECT 'instances', round, if(kept, 'kept', coalesce(reason, '')) FROM instances
        UNION ALL
        SELECT 'examples', round, 'kept' FROM examples WHERE source = 'machine')
      GROUP BY source, first, reason
      """;

  /** By table, then by first round, then by reason. */
  private final Map<String, TreeMap<Integer, TreeMap<String, Long>>> counts = new TreeMap<>();

  private final int width;

  private RoundFigures(int width) {
    this.width = width;
  }

  /**
   * Counts, from the views in the session.
   *
   * @param rounds that the run has planned
   */
  static RoundFigures of(SparkSession spark, int rounds) {
    RoundFigures figures = new RoundFigures((rounds + MOST_ROWS - 1) / MOST_ROWS);
    for (Row row : spark.sql(QUERY, Map.of("width", Math.max(1, figures.width))).collectAsList()) {
      figures
          .counts
          .computeIfAbsent(row.getString(0), source -> new TreeMap<>())
          .computeIfAbsent(row.getInt(1), first -> new TreeMap<>())
          .put(row.getString(2), row.getLong(3));
    }
    return figures;
  }

  /** From requests of generation to examples; what no table has is left out. */
  List<Count> funnel() {
    List<Count> funnel = new ArrayList<>();
    add(funnel, "requests", total(REQUESTS));
    add(funnel, "candidates", total(CANDIDATES));
    add(funnel, "kept candidates", kept(CANDIDATES));
    add(funnel, "instances", total(INSTANCES));
    add(funnel, "kept instances", kept(INSTANCES));
    add(funnel, "examples", total(EXAMPLES));
    return funnel;
  }

  private static void add(List<Count> funnel, String name, long count) {
    if (count > 0) {
      funnel.add(new Count(name, count));
    }
  }

  Rounds rounds() {
    TreeMap<Integer, RoundRow> rows = new TreeMap<>();
    counts
        .values()
        .forEach(rounds -> rounds.keySet().forEach(first -> rows.put(first, row(first))));
    return new Rounds(Math.max(1, width), List.copyOf(rows.values()));
  }

  private RoundRow row(int first) {
    Map<String, Long> reasons = at(CANDIDATES, first);
    return new RoundRow(
        first,
        sum(at(REQUESTS, first)),
        sum(reasons),
        reasons.getOrDefault(KEPT, 0L),
        at(INSTANCES, first).getOrDefault(KEPT, 0L),
        sum(at(EXAMPLES, first)),
        reasons);
  }

  /** Why candidates were rejected, most frequent first. */
  List<Count> reasons() {
    return reasons(CANDIDATES);
  }

  /** Why instances were dropped. */
  List<Count> instanceReasons() {
    return reasons(INSTANCES);
  }

  private List<Count> reasons(String source) {
    return merged(source).entrySet().stream()
        .filter(entry -> !entry.getKey().equals(KEPT))
        .map(entry -> new Count(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::name))
        .toList();
  }

  private Map<String, Long> merged(String source) {
    TreeMap<String, Long> merged = new TreeMap<>();
    counts
        .getOrDefault(source, new TreeMap<>())
        .values()
        .forEach(reasons -> reasons.forEach((reason, n) -> merged.merge(reason, n, Long::sum)));
    return merged;
  }

  private long total(String source) {
    return sum(merged(source));
  }

  private long kept(String source) {
    return merged(source).getOrDefault(KEPT, 0L);
  }

  private Map<String, Long> at(String source, int first) {
    return counts.getOrDefault(source, new TreeMap<>()).getOrDefault(first, new TreeMap<>());
  }

  private static long sum(Map<String, Long> reasons) {
    return reasons.values().stream().mapToLong(Long::longValue).sum();
  }
}
