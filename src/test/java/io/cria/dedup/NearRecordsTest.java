package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.RunProgress;
import io.cria.similarity.Contamination;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of files are judged where they are read, and what becomes of them is the same anyhow. */
class NearRecordsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final String SPLIT = "spark.sql.files.maxPartitionBytes";

  /** More than one chunk. */
  private static final int RECORDS = 20_000;

  @TempDir static Path folder;

  private static final List<String> LINES = new ArrayList<>();
  private static final List<Integer> NEAR = new ArrayList<>();
  private static Path set = Path.of("");

  @BeforeAll
  static void makeTheRecords() throws IOException {
    set =
        Files.writeString(
            folder.resolve("set.jsonl"),
            """
            {"prompt": "Name the longest river of the country"}
            {"prompt": "x", "answer": "one two three four five six seven eight"}
            """);
    for (int i = 0; i < RECORDS; i++) {
      boolean byInstruction = i % 997 == 5;
      boolean byOutput = i == 0 || i == RECORDS - 1 || i % 4_999 == 17;
      if (byInstruction || byOutput) {
        NEAR.add(i);
      }
      LINES.add(
          String.format(
              Locale.ROOT,
              "{\"n\": %d, \"q\": \"%s\", \"in\": \"%s\", \"out\": \"%s\"}",
              i,
              byInstruction ? "Name the longest river of a country" : "word" + i + " other" + i,
              "given " + "filling ".repeat(20),
              byOutput ? "zero one two three four five six seven eight nine" : "no" + i));
    }
  }

  private static NearReport judged(String input, String output) {
    return NearRecords.run(
        SPARK,
        new NearOptions(
            List.of(input),
            "q",
            "in",
            "out",
            List.of(set.toString()),
            new Contamination.Rules("unicode-1", 0.7, 8),
            folder.resolve(output).toString()),
        RunProgress.silent());
  }

  private static List<Integer> numbers(String output, String file) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(output).resolve(file))) {
      numbers.add(new ObjectMapper().readTree(line).path("n").asInt());
    }
    return numbers;
  }

  private static void assertJudged(String output) throws IOException {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      kept.add(i);
    }
    kept.removeAll(NEAR);
    assertThat(numbers(output, "dropped.jsonl")).isEqualTo(NEAR);
    assertThat(numbers(output, "kept.jsonl")).isEqualTo(kept);
    assertThat(
            SPARK
                .read()
                .parquet(folder.resolve(output).resolve("dropped").toString())
                .orderBy("n")
                .selectExpr("cast(n as int)", "_reason", "_neighbour.row")
                .collectAsList())
        .extracting(Object::toString)
        .startsWith("[0,8-gram,1]", "[5,rouge-l,0]", "[17,8-gram,1]")
        .hasSameSizeAs(NEAR);
    assertThat(SPARK.read().parquet(folder.resolve(output).resolve("kept").toString()).count())
        .isEqualTo(kept.size());
    assertThat(folder.resolve("." + output + ".tmp")).doesNotExist();
  }

  @Test
  void linesAnArrayAndAFolderOfFilesAreJudgedAlikeAndInOrder() throws IOException {
    Files.write(folder.resolve("all.jsonl"), LINES);
    Files.writeString(folder.resolve("all.json"), "[" + String.join(",\n", LINES) + "]");
    Path parts = Files.createDirectories(folder.resolve("parts"));
    for (int i = 0; i < 7; i++) {
      Files.write(
          parts.resolve("part-" + i + ".jsonl"),
          LINES.subList(i * RECORDS / 7, (i + 1) * RECORDS / 7));
    }
    NearReport lines = judged(folder.resolve("all.jsonl").toString(), "of-lines");
    NearReport array = judged(folder.resolve("all.json").toString(), "of-array");
    NearReport files = judged(parts.toString(), "of-files");
    for (String output : List.of("of-lines", "of-array", "of-files")) {
      assertJudged(output);
    }
    String dropped = Files.readString(folder.resolve("of-lines/dropped.jsonl"));
    assertThat(folder.resolve("of-array/dropped.jsonl")).hasContent(dropped);
    assertThat(folder.resolve("of-files/dropped.jsonl")).hasContent(dropped);
    assertThat(lines.rows()).isEqualTo(RECORDS);
    assertThat(lines.dropped()).isEqualTo(NEAR.size());
    assertThat(lines.reasons()).containsOnlyKeys("rouge-l", "8-gram");
    assertThat(array.reasons()).isEqualTo(lines.reasons());
    assertThat(files.reasons()).isEqualTo(lines.reasons());
  }

  @Test
  void partitionsOfParquetChangeNothingAndNoTextComesToTheDriver() throws Exception {
    Files.write(folder.resolve("wide.jsonl"), LINES);
    SPARK
        .read()
        .json(folder.resolve("wide.jsonl").toString())
        .sort("n")
        .coalesce(1)
        .write()
        .option("parquet.block.size", 64 << 10)
        .parquet(folder.resolve("table").toString());
    String before = SPARK.conf().get(SPLIT);
    AtomicLong told = new AtomicLong();
    AtomicLong tasks = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            told.addAndGet(end.taskMetrics().resultSize());
            tasks.incrementAndGet();
          }
        };
    SPARK.sparkContext().addSparkListener(listener);
    try {
      for (String split : List.of("1g", "16k")) {
        SPARK.conf().set(SPLIT, split);
        NearReport unused = judged(folder.resolve("table").toString(), "split-" + split);
      }
      SPARK.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      SPARK.sparkContext().removeSparkListener(listener);
      SPARK.conf().set(SPLIT, before);
    }
    assertJudged("split-1g");
    assertJudged("split-16k");
    assertThat(folder.resolve("split-16k/kept.jsonl"))
        .hasSameTextualContentAs(folder.resolve("split-1g/kept.jsonl"));
    assertThat(tasks.get()).isGreaterThan(8);
    long texts = LINES.stream().mapToLong(String::length).sum();
    assertThat(told.get()).as("bytes of all results").isLessThan(texts / 4);
  }
}
