package io.cria.report;

import io.cria.report.ReportFigures.Count;
import io.cria.report.ReportFigures.Histogram;
import io.cria.report.ReportFigures.Verb;
import io.cria.report.ReportFigures.Verbs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** How alike, how long and about what the texts are, from the views in the session. */
final class TextFigures {
  static final String SEEDS = "seed tasks";
  static final String MACHINE = "other machine instructions";

  /** Bins of likeness: 0.05 wide, the last one with 1. */
  static final int LIKENESS_BINS = 20;

  static final int LENGTH_BINS = 30;
  static final int TOP_VERBS = 20;
  static final int TOP_NOUNS = 4;
  static final int TOP_LANGUAGES = 12;

  private static final String LIKENESS =
      """
      SELECT kind, least(CAST(floor(score * :bins) AS INT), :bins - 1) AS bin, count(*), sum(score)
      FROM (
        SELECT 'seed' AS kind, seed_score AS score FROM neighbours
        UNION ALL
        SELECT 'machine', machine_score FROM neighbours)
      GROUP BY kind, bin
      """;

  /** Instructions once each; inputs where there is one; outputs all. */
  private static final String LENGTHS =
      """
      SELECT kind, least(CAST(floor(words / width) AS INT), :bins - 1) AS bin, count(*), CAST(sum(words) AS DOUBLE)
      FROM (
        SELECT 'instruction' AS kind, :instruction AS width,
               regexp_count(instruction, r'\\S+') AS words
        FROM (SELECT DISTINCT instruction FROM examples)
        UNION ALL
        SELECT 'input', :text, regexp_count(input, r'\\S+') FROM examples WHERE input <> ''
        UNION ALL
        SELECT 'output', :text, regexp_count(output, r'\\S+') FROM examples)
      GROUP BY kind, bin
      """;

  private static final int INSTRUCTION_WIDTH = 2;
  private static final int TEXT_WIDTH = 10;

  private static final String VERB_TOTALS =
      "SELECT count(*), count(verb), count_if(verb IS NOT NULL AND noun IS NOT NULL) FROM traits";

  private static final String TOP =
      """
      WITH pairs AS (
        SELECT verb, noun, count(*) AS n FROM traits
        WHERE verb IS NOT NULL AND noun IS NOT NULL GROUP BY verb, noun),
      verbs AS (
        SELECT verb, sum(n) AS total FROM pairs GROUP BY verb ORDER BY total DESC, verb LIMIT :verbs),
      ranked AS (
        SELECT verb, total, noun, n,
               row_number() OVER (PARTITION BY verb ORDER BY n DESC, noun) AS place
        FROM pairs JOIN verbs USING (verb))
      SELECT verb, total, noun, n FROM ranked WHERE place <= :nouns
      ORDER BY total DESC, verb, place
      """;

  private static final String LANGUAGES =
      """
      SELECT coalesce(language, 'too short to tell') AS name, count(*) AS n FROM traits
      GROUP BY name ORDER BY n DESC, name
      """;

  private final SparkSession spark;

  TextFigures(SparkSession spark) {
    this.spark = spark;
  }

  /** ROUGE-L to the most alike seed, and to the most alike other instruction. */
  List<Histogram> likeness() {
    Map<String, Bins> bins = new LinkedHashMap<>();
    bins.put("seed", new Bins(SEEDS, 1.0 / LIKENESS_BINS, LIKENESS_BINS));
    bins.put("machine", new Bins(MACHINE, 1.0 / LIKENESS_BINS, LIKENESS_BINS));
    return filled(bins, spark.sql(LIKENESS, Map.of("bins", LIKENESS_BINS)));
  }

  /** Lengths in words of instructions, inputs and outputs. */
  List<Histogram> lengths() {
    Map<String, Bins> bins = new LinkedHashMap<>();
    bins.put("instruction", new Bins("instruction", INSTRUCTION_WIDTH, LENGTH_BINS));
    bins.put("input", new Bins("input that is not empty", TEXT_WIDTH, LENGTH_BINS));
    bins.put("output", new Bins("output", TEXT_WIDTH, LENGTH_BINS));
    Map<String, Object> parameters =
        Map.of("bins", LENGTH_BINS, "instruction", INSTRUCTION_WIDTH, "text", TEXT_WIDTH);
    return filled(bins, spark.sql(LENGTHS, parameters));
  }

  /** Histograms from rows of kind, bin, count and sum; one without values is left out. */
  private static List<Histogram> filled(Map<String, Bins> bins, Dataset<Row> rows) {
    for (Row row : rows.collectAsList()) {
      Bins of = bins.get(row.getString(0));
      if (of != null) {
        of.put(row.getInt(1), row.getLong(2), row.getDouble(3));
      }
    }
    return bins.values().stream().filter(each -> each.total > 0).map(Bins::histogram).toList();
  }

  /** A histogram as it fills. */
  private static final class Bins {
    private final String name;
    private final double width;
    private final List<Long> counts;
    private long total;
    private double sum;

    Bins(String name, double width, int bins) {
      this.name = name;
      this.width = width;
      this.counts = new ArrayList<>(Collections.nCopies(bins, 0L));
    }

    void put(int bin, long count, double values) {
      counts.set(bin, count);
      total += count;
      sum += values;
    }

    Histogram histogram() {
      return new Histogram(name, width, List.copyOf(counts), sum / total);
    }
  }

  /** The most frequent verbs with the nouns that are most frequent with each. */
  Verbs verbs() {
    Row totals = spark.sql(VERB_TOTALS).first();
    Map<String, Verb> verbs = new LinkedHashMap<>();
    long shown = 0;
    for (Row row : spark.sql(TOP, Map.of("verbs", TOP_VERBS, "nouns", TOP_NOUNS)).collectAsList()) {
      Verb verb =
          verbs.computeIfAbsent(
              row.getString(0), word -> new Verb(word, row.getLong(1), new ArrayList<>()));
      verb.nouns().add(new Count(row.getString(2), row.getLong(3)));
      shown += row.getLong(3);
    }
    return new Verbs(
        totals.getLong(0),
        totals.getLong(1),
        totals.getLong(2),
        shown,
        List.copyOf(verbs.values()));
  }

  /** Instructions by language; the rare ones together. There are at most some hundred languages. */
  List<Count> languages() {
    List<Count> languages = new ArrayList<>();
    long others = 0;
    for (Row row : spark.sql(LANGUAGES).collectAsList()) {
      if (languages.size() < TOP_LANGUAGES) {
        languages.add(new Count(row.getString(0), row.getLong(1)));
      } else {
        others += row.getLong(1);
      }
    }
    if (others > 0) {
      languages.add(new Count("others", others));
    }
    return languages;
  }
}
