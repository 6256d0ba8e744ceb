package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.run.RunProgress;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DedupBadInputTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path directory;

  private String file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  private void refused(String message, String column, @Nullable String orderBy, String... inputs) {
    DedupOptions options =
        new DedupOptions(
            List.of(inputs),
            column,
            orderBy,
            0.7,
            "rouge-en",
            "lossless",
            directory.resolve("out").toString());
    assertThatThrownBy(() -> Dedup.run(SPARK, options, RunProgress.silent()))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  /** Whatever failed left nothing behind. */
  @AfterEach
  void nothingIsWritten() throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".") || name.equals("out"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"txt\": \"a\", \"b\": {}} | :3: no column \"text\": the record has txt, b",
        "{\"text\": null} | :3: column \"text\" is null",
        "{\"text\": 5} | :3: column \"text\" is a number",
        "{\"text\": [\"a\"]} | :3: column \"text\" is an array",
        "{\"text\": \"a\" | :3: not valid JSON",
        "{\"text\": \"a\", \"text\": \"b\"} | :3: not valid JSON",
        "{\"text\": \"a\"} {} | :3: more than one value",
        "[\"a\"] | :3: not a JSON object",
        "{\"text\": \"a\", \"n\": NaN} | :3: not valid JSON at column 23: NaN is no value of JSON",
        "{\"text\": \"a\", \"n\": -Infinity} | :3: not valid JSON at column 29: -Infinity is no value of JSON",
        "{\"text\": \"a\", \"n\": None} | :3: not valid JSON at column 20: None is Python's: write the record with json.dumps",
        "text | :3: not valid JSON"
      })
  void aBadLineIsNamedByFileAndLine(String line, String message) throws IOException {
    String file = file("in.jsonl", "{\"text\": \"first\"}\n\n" + line + "\n{\"text\": \"x\"}\n");
    refused(file + message, "text", null, file);
  }

  @Test
  void aBadLineIsCountedOverSplits() throws IOException {
    String[] lines = new String[30_000];
    Arrays.fill(lines, "{\"text\": \"the same again\"}");
    lines[27_000] = "{\"text\": }";
    String file = file("in.jsonl", String.join("\n", lines));
    refused(file + ":27001: not valid JSON at column 10", "text", null, file);
  }

  @Test
  void aNestedColumnThatIsMissingTellsWhatIsThere() throws IOException {
    String file = file("in.jsonl", "{\"a\": {\"c\": \"x\"}, \"d\": 1}\n");
    refused("no column \"a.b\": the record has a, a.c, d", "a.b", null, file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"text\": \"a\"},~{\"text\": 1}] | :2: column \"text\" is a number",
        "[{\"text\": \"a\"},~{\"text\": \"b\"} | :2: not valid JSON, the array is cut off",
        "[{\"text\": \"a\"}~{\"text\": \"b\"}] | :1: more than one value",
        "[{\"text\": \"a\"}]~[] | :2: not valid JSON, there is something after the array",
        "[{\"text\": \"a\"},] | :1: not",
        "[] | it holds no record"
      })
  void aBadArrayIsNamedByFileAndLine(String content, String message) throws IOException {
    String file = file("in.json", content.replace('~', '\n'));
    refused(message, "text", null, file);
    refused(file, "text", null, file);
  }

  @Test
  void parquetIsRefusedByColumnAndRow() {
    String path = directory.resolve("in").toString();
    SPARK
        .sql("select * from values ('a', 1), (null, 2) as t(text, n)")
        .coalesce(1)
        .write()
        .parquet(path);
    refused(path + ": no column \"texts\": the file has text, n", "texts", null, path);
    refused(path + ": column \"n\" is of type int: give a column of texts", "n", null, path);
    refused(path + ": row 1: column \"text\" is null", "text", null, path);
  }

  @Test
  void filesThatAreNoInputAreRefused() throws IOException {
    refused("nowhere.jsonl: there is no such file", "text", null, directory + "/nowhere.jsonl");
    refused("it holds no record", "text", null, file("empty.jsonl", "\n \n"));
    Files.createDirectory(directory.resolve("folder"));
    refused("the directory holds no file", "text", null, directory + "/folder");
    String notGzip = file("cut.jsonl.gz", "{\"text\": \"a\"}\n");
    refused("cut.jsonl.gz: cannot be read", "text", null, notGzip);
    Files.write(
        directory.resolve("latin.jsonl"),
        "{\"text\": \"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    refused("latin.jsonl:1: the line is not valid UTF-8", "text", null, directory + "/latin.jsonl");
    Files.write(
        directory.resolve("t.parquet"), "PAR1 and nothing".getBytes(StandardCharsets.UTF_8));
    refused("t.parquet: cannot be read", "text", null, directory + "/t.parquet");
  }

  @ParameterizedTest
  @CsvSource({
    "in.csv, it is CSV by its name, pandas.read_csv",
    "in.tsv.gz, it is CSV by its name, DuckDB",
  })
  void csvIsNamedWithItsRemedy(String name, String what, String remedy) throws IOException {
    refused(what, "text", null, file(name, "text,n\na,1\n"));
    refused(remedy, "text", null, directory.resolve(name).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ARROW1, it is an Arrow or Feather file",
    "PARE, it is Parquet with an encrypted footer",
    "ORC, it is ORC",
    "SQLite format 3, it is an SQLite database"
  })
  void filesOfOtherKindsAreNamed(String head, String what) throws IOException {
    refused(what, "text", null, file("in.data", head + "…"));
  }

  @ParameterizedTest
  @CsvSource({"UNCOMPRESSED, NANOS", "BROTLI, MICROS"})
  void parquetThatSparkDoesNotReadIsNamedWithItsRemedy(CompressionCodecName codec, TimeUnit unit)
      throws IOException {
    Path file = directory.resolve("in.parquet");
    ForeignParquet.write(file, codec, unit);
    refused(
        unit == TimeUnit.NANOS
            ? file
                + ": column \"at\" has times to the nanosecond, which Spark does not read: write them to the microsecond"
            : file
                + ": it is compressed by brotli, which Spark has no classes for: write it with zstd",
        "text",
        null,
        file.toString());
  }

  @Test
  void anOrderColumnHoldsValuesOfOneKind() throws IOException {
    refused(
        ":2: column \"o\" is a text, and a number in ",
        "text",
        "o",
        file("a.jsonl", "{\"text\": \"a\", \"o\": 1}\n{\"text\": \"b\", \"o\": \"2\"}\n"));
    refused(
        "b.jsonl:1: column \"o\" is null",
        "text",
        "o",
        file("b.jsonl", "{\"text\": \"a\", \"o\": null}\n"));
  }

  @Test
  void columnsThatDroppedRecordsGetMayNotBeTaken() throws IOException {
    refused(
        "it has a column \"_score\"",
        "text",
        null,
        file("in.jsonl", "{\"text\": \"a\", \"_score\": 1}\n"));
  }

  @Test
  void inputsThatMakeNoTableAreRefused() throws IOException {
    String one = directory.resolve("one").toString();
    SPARK.sql("select 'a b c' as text, array(1) as n").write().parquet(one);
    String two = directory.resolve("two").toString();
    SPARK.sql("select 'd e f' as text, 1 as n").write().parquet(two);
    refused("do not make one table", "text", null, one, two);
  }

  @Test
  void optionsAreRefusedBeforeAnythingIsRead() {
    assertThatThrownBy(
            () ->
                new DedupOptions(
                    List.of("a", "a"), "text", null, 0.7, "rouge-en", "lossless", "out"))
        .hasMessage("a: the input is given twice: give it once");
    assertThatThrownBy(
            () ->
                new DedupOptions(List.of("a"), "text", null, 0.2, "rouge-en", "lossless", "out")
                    .engine())
        .hasMessageContaining("threshold out of range");
  }
}
