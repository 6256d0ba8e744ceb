package io.cria.stage;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.percentile;
import static org.apache.spark.sql.functions.regexp_count;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.config.AskConfig;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.TableDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Draws a review's sample from a run's machine examples: from each of six strata (classification or
 * not, short, medium or long by thirds of all lengths) in proportion to its size, those whose hash
 * with the seed is least. So the sample depends on the examples and the seed alone; its order is
 * that of the hashes, and whoever judges only its beginning has judged a random part of it.
 */
public final class ReviewSample implements BesideStage {
  /** The sample, below the review's directory. */
  public static final String FILE = "sample.jsonl";

  private static final String UNIT = "sample";
  private static final String EXAMPLES = "examples";
  private static final int VERSION = 1;

  /** Words as the tokenizer unicode-1 has them. */
  private static final String WORD =
      "[\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}\\p{IsLao}\\p{IsKhmer}]"
          + "|[\\p{L}\\p{M}\\p{N}&&[^\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}\\p{IsLao}"
          + "\\p{IsKhmer}]]+";

  static final List<String> LENGTHS = List.of("short", "medium", "long");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .build();

  private final RunDirectory line;
  private final int size;
  private final long seed;
  private @Nullable List<SampledExample> drawn;
  private long examples;

  /**
   * A part of the examples.
   *
   * @param examples all of it
   * @param sampled of them
   */
  public record Stratum(boolean isClassification, String length, long examples, long sampled) {
    private Stratum taking(long other) {
      return new Stratum(isClassification, length, examples, other);
    }
  }

  /**
   * @param line the run whose examples are sampled
   * @param size wanted; all where there are fewer
   */
  public ReviewSample(RunDirectory line, int size, long seed) {
    this.line = line;
    this.size = size;
    this.seed = seed;
  }

  @Override
  public String name() {
    return UNIT;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  /** What stands for the run's examples. */
  public static String examples(RunDirectory line) {
    TableDeclaration table = Line.DATASET.table();
    StringBuilder digests = new StringBuilder();
    for (int round : RunTables.rounds(line, table)) {
      digests.append(RunTables.input(line, table.round(round)).sha256()).append('\n');
    }
    if (digests.isEmpty()) {
      throw RunTables.notMade(line, table.name());
    }
    return Ids.sha256(digests.toString());
  }

  /** The sample, drawn now. */
  public List<SampledExample> draw(SparkSession spark) {
    List<SampledExample> known = drawn;
    if (known == null) {
      known = drawn(spark);
      drawn = known;
    }
    return known;
  }

  private List<SampledExample> drawn(SparkSession spark) {
    spark.sparkContext().setJobDescription("cria: sample of a review");
    Dataset<Row> measured = measured(spark);
    Dataset<Row> ranked = ranked(measured);
    List<Stratum> strata = strata(ranked);
    examples = strata.stream().mapToLong(Stratum::examples).sum();
    List<Row> chosen = new ArrayList<>();
    for (Stratum stratum : strata) {
      if (stratum.sampled() > 0) {
        chosen.addAll(
            ranked
                .where(
                    col("is_classification")
                        .equalTo(stratum.isClassification())
                        .and(col("length").equalTo(stratum.length())))
                .orderBy("place", "example_id")
                .limit((int) stratum.sampled())
                .collectAsList());
      }
    }
    if (chosen.isEmpty()) {
      throw CriaException.badInput(
          line.root() + ": no example to review: the run has made none, seeds are not reviewed");
    }
    chosen.sort(
        Comparator.comparing((Row row) -> row.<String>getAs("place"))
            .thenComparing(row -> row.<String>getAs("example_id")));
    return chosen.stream().map(ReviewSample::sampled).toList();
  }

  private static SampledExample sampled(Row row) {
    return new SampledExample(
        row.getAs("example_id"),
        row.<Boolean>getAs("is_classification"),
        row.getAs("length"),
        row.<Integer>getAs("words"),
        row.getAs("instruction"),
        row.getAs("input"),
        row.getAs("output"));
  }

  private Dataset<Row> measured(SparkSession spark) {
    List<Manifest> committed = new ArrayList<>();
    for (int round : RunTables.rounds(line, Line.DATASET.table())) {
      committed.addAll(RunTables.committed(line, Line.DATASET.table().round(round)));
    }
    Column text = concat_ws(" ", col("instruction"), col("input"), col("output"));
    return RunTables.read(spark, line, Line.DATASET.table(), committed)
        .where(col("source").equalTo("machine"))
        .select(
            col("example_id"),
            col("is_classification"),
            col("instruction"),
            col("input"),
            col("output"),
            regexp_count(text, lit(WORD)).as("words"),
            sha2(concat_ws("\n", lit(String.valueOf(seed)), col("example_id")), 256).as("place"));
  }

  private static Dataset<Row> ranked(Dataset<Row> measured) {
    Row thirds = measured.agg(percentile(col("words"), array(lit(1 / 3.0), lit(2 / 3.0)))).first();
    double[] bounds =
        thirds.isNullAt(0)
            ? new double[] {0, 0}
            : thirds.<Double>getList(0).stream().mapToDouble(Double::doubleValue).toArray();
    return measured.withColumn(
        "length",
        when(col("words").leq(bounds[0]), LENGTHS.get(0))
            .when(col("words").leq(bounds[1]), LENGTHS.get(1))
            .otherwise(LENGTHS.get(2)));
  }

  private List<Stratum> strata(Dataset<Row> ranked) {
    Map<String, Stratum> found = new TreeMap<>();
    for (Row row : ranked.groupBy("is_classification", "length").count().collectAsList()) {
      Stratum stratum = new Stratum(row.getBoolean(0), row.getString(1), row.getLong(2), 0);
      found.put(stratum.isClassification() + " " + LENGTHS.indexOf(stratum.length()), stratum);
    }
    return shared(List.copyOf(found.values()), size);
  }

  /**
   * Shares a sample out in proportion; what rounding leaves goes to the largest remainders, the
   * earlier stratum first where they are equal.
   */
  static List<Stratum> shared(List<Stratum> strata, long size) {
    long all = strata.stream().mapToLong(Stratum::examples).sum();
    long wanted = Math.min(size, all);
    List<Stratum> shared = new ArrayList<>();
    long given = 0;
    for (Stratum stratum : strata) {
      long whole = wanted * stratum.examples() / all;
      shared.add(stratum.taking(whole));
      given += whole;
    }
    List<Integer> byRemainder = new ArrayList<>();
    for (int i = 0; i < strata.size(); i++) {
      byRemainder.add(i);
    }
    byRemainder.sort(
        Comparator.comparingLong((Integer i) -> wanted * strata.get(i).examples() % all)
            .reversed()
            .thenComparing(i -> i));
    for (int i = 0; given < wanted; i++, given++) {
      int at = byRemainder.get(i);
      shared.set(at, shared.get(at).taking(shared.get(at).sampled() + 1));
    }
    return shared;
  }

  @Override
  public boolean run(AskContext context) {
    RunDirectory review = context.run();
    Commits commits = new Commits(review);
    if (commits.manifest(UNIT).isPresent()) {
      return false;
    }
    List<SampledExample> sample = draw(context.spark());
    String temporary = review.newTemporary();
    write(review, temporary, sample);
    Manifest manifest =
        RunTables.manifest(
                context,
                UNIT,
                VERSION,
                List.of(new Manifest.Input(Line.DATASET.table().name(), examples(line))),
                Map.of("sampled", (long) sample.size(), EXAMPLES, examples))
            .withFiles(
                List.of(
                    new Manifest.File(
                        FILE, sample.size(), review.size(temporary), review.sha256(temporary))));
    RunTables.publish(context, UNIT, Map.of(temporary, FILE), manifest);
    return true;
  }

  private static void write(RunDirectory review, String path, List<SampledExample> sample) {
    try (OutputStream out = review.create(path)) {
      for (SampledExample example : sample) {
        out.write((JSON.writeValueAsString(example) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(review.path(path) + " cannot be written", e);
    }
  }

  /** What stands for a published sample. */
  static Manifest.Input input(RunDirectory review) {
    return new Commits(review).input(UNIT);
  }

  /** How many examples a published sample was drawn from. */
  static long population(RunDirectory review) {
    return new Commits(review)
        .manifest(UNIT)
        .map(manifest -> manifest.counts().getOrDefault(EXAMPLES, 0L))
        .orElse(0L);
  }

  /** A published sample, in its order. */
  public static List<SampledExample> read(RunDirectory review) {
    List<SampledExample> sample = new ArrayList<>();
    for (String line : review.text(FILE).orElse("").split("\n")) {
      try {
        if (!line.isEmpty()) {
          sample.add(JSON.readValue(line, SampledExample.class));
        }
      } catch (JsonProcessingException e) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            review.path(FILE)
                + ":"
                + (sample.size() + 1)
                + ": damaged ("
                + e.getOriginalMessage()
                + "): remove the review's directory and review again",
            e);
      }
    }
    return sample;
  }
}
