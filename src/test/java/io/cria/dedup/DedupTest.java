package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.RunProgress;
import io.cria.similarity.Oracle;
import io.cria.task.Verdict;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DedupTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path directory;

  private String file(String name, String... lines) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out =
        name.endsWith(".gz")
            ? new GZIPOutputStream(Files.newOutputStream(file))
            : Files.newOutputStream(file)) {
      out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
    return file.toString();
  }

  private String out() {
    return directory.resolve("out").toString();
  }

  private DedupOptions options(String... inputs) {
    return new DedupOptions(List.of(inputs), "text", null, 0.7, "rouge-en", "lossless", out());
  }

  private static DedupReport run(DedupOptions options) {
    return Dedup.run(SPARK, options, RunProgress.silent());
  }

  private List<String> lines(String name) throws IOException {
    return Files.readAllLines(directory.resolve("out").resolve(name));
  }

  private static List<JsonNode> parsed(List<String> lines) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : lines) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  private Dataset<Row> table(String name) {
    return SPARK.read().parquet(directory.resolve("out").resolve(name).toString());
  }

  @Test
  void recordsStayAsTheyAreAndDroppedOnesTellWhy() throws IOException {
    String first = "{\"z\": 1.50, \"text\":\"Write a story about a llama\", \"a\":[1e3, null]}";
    String copy = "{\"text\":\"write a story about a LLAMA!\" ,\"n\":12345678901234567890 }";
    String other = "{ \"text\" : \"Translate \\u0041 \uD55C\uAD6D into French\" }";
    String file = file("in.jsonl", "\uFEFF" + first, "", copy + "\r", other, "  ", copy);
    DedupReport report = run(options(file));
    assertThat(lines("kept.jsonl")).containsExactly(first, other);
    String why =
        ", \"_reason\": \"similar\", \"_neighbour\": {\"input\": \""
            + file
            + "\", \"row\": 0}, \"_score\": 1.0}";
    String dropped = copy.substring(0, copy.length() - 2) + why;
    assertThat(lines("dropped.jsonl")).containsExactly(dropped, dropped);
    assertThat(report.rows()).isEqualTo(4);
    assertThat(report.kept()).isEqualTo(2);
    assertThat(table("kept").count()).isEqualTo(2);
    Row row = table("dropped").select("text", "_reason", "_neighbour.row", "_score", "n").head();
    assertThat(row.getString(0)).isEqualTo("write a story about a LLAMA!");
    assertThat(row.getString(1)).isEqualTo("similar");
    assertThat(row.getLong(2)).isZero();
    assertThat(row.getDouble(3)).isEqualTo(1);
    assertThat(names(directory.resolve("out")))
        .containsExactlyInAnyOrder("kept.jsonl", "dropped.jsonl", "kept", "dropped", "report.json");
    assertThat(names(directory)).containsExactlyInAnyOrder("in.jsonl", "out");
  }

  @Test
  void anEarlierInputGoesBeforeALaterOneOfAnotherFormat() throws IOException {
    String lines =
        file(
            "low.jsonl.gz",
            "{\"text\": \"a b c d e f g\", \"id\": 1}",
            "{\"text\": \"only here now\", \"id\": 2}");
    String array =
        file(
            "high.json",
            " [",
            "  {\"text\":",
            "   \"A b c d e f g!\", \"id\": 7 , \"s\": \"[1,\\\"2]\"},{\"text\": \"x y z\", \"id\":"
                + " 8}",
            "]");
    SPARK
        .sql("select 'X Y z' as text, 9 as id, named_struct('k', array(1, 2)) as more")
        .write()
        .parquet(directory.resolve("middle").toString());
    String table = directory.resolve("middle").toString();
    DedupReport report = run(options(array, table, lines));
    assertThat(lines("kept.jsonl"))
        .containsExactly(
            "{\"text\":\"A b c d e f g!\", \"id\": 7 , \"s\": \"[1,\\\"2]\"}",
            "{\"text\": \"x y z\", \"id\": 8}",
            "{\"text\": \"only here now\", \"id\": 2}");
    List<JsonNode> dropped = parsed(lines("dropped.jsonl"));
    assertThat(dropped.get(0).path("text").asText()).isEqualTo("X Y z");
    assertThat(dropped.get(0).path("more").path("k")).hasSize(2);
    assertThat(dropped.get(0).path("_neighbour").path("input").asText()).isEqualTo(array);
    assertThat(dropped.get(0).path("_neighbour").path("row").asInt()).isEqualTo(1);
    assertThat(dropped.get(1).path("_neighbour").path("row").asInt()).isZero();
    assertThat(report.inputs())
        .extracting(DedupReport.InputCounts::kind)
        .containsExactly("json", "parquet", "jsonl");
    assertThat(report.inputs())
        .extracting(DedupReport.InputCounts::kept)
        .containsExactly(2L, 0L, 1L);
    assertThat(table("kept").columns()).contains("text", "id", "s", "more");
    assertThat(table("dropped").filter("more.k[1] = 2").count()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "jsonl, lossless",
    "parquet, lossless",
    "parquet-parts, minhash+lossless",
    "json, minhash+lossless"
  })
  void everyFormatAndExactPrefilterDecidesAsThePlainLoop(String format, String prefilter)
      throws IOException {
    List<String> texts = Oracle.corpus(51, 1_200, 50);
    List<Verdict> wanted = Oracle.verdicts(texts, 0.6);
    String input = written(texts, format);
    run(new DedupOptions(List.of(input), "in.text", null, 0.6, "rouge-en", prefilter, out()));
    List<JsonNode> kept = parsed(lines("kept.jsonl"));
    List<JsonNode> dropped = parsed(lines("dropped.jsonl"));
    int k = 0;
    int d = 0;
    for (int i = 0; i < texts.size(); i++) {
      Verdict verdict = wanted.get(i);
      JsonNode record = verdict.kept() ? kept.get(k++) : dropped.get(d++);
      assertThat(record.path("in").path("text").asText()).isEqualTo(texts.get(i));
      if (!verdict.kept()) {
        assertThat(record.path("_neighbour").path("row").asText()).isEqualTo(verdict.neighbourId());
        assertThat(record.path("_score").asDouble()).isEqualTo(verdict.neighbourScore());
      }
    }
    assertThat(kept).hasSize(k);
    assertThat(dropped).hasSize(d);
    assertThat(
            table("kept")
                .sort("_metadata.file_name", "_metadata.row_index")
                .select("in.text")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .isEqualTo(kept.stream().map(node -> node.path("in").path("text").asText()).toList());
    assertThat(table("dropped").count()).isEqualTo(d);
  }

  /** The texts in one file or, in a directory, in several. */
  private String written(List<String> texts, String format) throws IOException {
    List<String> records = new ArrayList<>();
    for (String text : texts) {
      records.add("{\"in\": {\"text\": " + JSON.writeValueAsString(text) + "}}");
    }
    if (format.equals("json")) {
      return file("in.json", "[" + String.join(",\n", records) + "]");
    }
    if (format.equals("jsonl")) {
      file("in/a.jsonl", records.subList(0, 700).toArray(String[]::new));
      file("in/b.jsonl", records.subList(700, 1_200).toArray(String[]::new));
      return directory.resolve("in").toString();
    }
    String table = directory.resolve("in").toString();
    int files = format.equals("parquet") ? 1 : 3;
    for (int i = 0; i < files; i++) {
      // later files are larger: Spark would read them first
      int from = 1_200 * i * i / (files * files);
      int to = 1_200 * (i + 1) * (i + 1) / (files * files);
      SPARK
          .read()
          .json(file("part.jsonl", records.subList(from, to).toArray(String[]::new)))
          .coalesce(1)
          .write()
          .mode("append")
          .parquet(table + "/" + i);
    }
    return table;
  }

  @Test
  void anOrderColumnDecidesWhoStays() throws IOException {
    String file =
        file(
            "in.jsonl",
            "{\"text\": \"a b c d e\", \"rank\": 10}",
            "{\"text\": \"a b c d e f\", \"rank\": 9.5}",
            "{\"text\": \"a b c d e f g\", \"rank\": 2}");
    run(new DedupOptions(List.of(file), "text", "rank", 0.7, "rouge-en", "lossless", out()));
    assertThat(lines("kept.jsonl")).containsExactly("{\"text\": \"a b c d e f g\", \"rank\": 2}");
    List<JsonNode> dropped = parsed(lines("dropped.jsonl"));
    assertThat(dropped).extracting(node -> node.path("rank").asText()).containsExactly("10", "9.5");
    assertThat(dropped)
        .extracting(node -> node.path("_neighbour").path("row").asInt())
        .containsExactly(2, 2);
  }

  @Test
  void otherScriptsHaveTheirTokenizer() throws IOException {
    String file =
        file(
            "in.jsonl",
            "{\"text\": \"\uC774\uC57C\uAE30 \uD558\uB098 \uC368 \uC918\"}",
            "{\"text\": \"\uC774\uC57C\uAE30 \uD558\uB098 \uC368 \uC918!\"}");
    run(new DedupOptions(List.of(file), "text", null, 0.7, "unicode-1", "lossless", out()));
    assertThat(lines("kept.jsonl")).hasSize(1);
  }

  @Test
  void theSameJobIsDoneOnceAndAnotherDoesNotTakeItsPlace() throws IOException {
    String file = file("in.jsonl", "{\"text\": \"a b c\"}");
    DedupReport report = run(options(file));
    Path kept = directory.resolve("out/kept.jsonl");
    var written = Files.getLastModifiedTime(kept);
    assertThat(run(options(file))).isEqualTo(report);
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(written);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                run(
                    new DedupOptions(
                        List.of(file), "text", null, 0.8, "rouge-en", "lossless", out())))
        .hasMessageContaining("exists already and is not the result of this job");
  }

  @Test
  void minHashAloneTellsItsRecall() throws IOException {
    List<String> texts = Oracle.corpus(52, 3_000, 60);
    String input = written(texts.subList(0, 1_200), "json");
    DedupReport report =
        run(new DedupOptions(List.of(input), "in.text", null, 0.7, "rouge-en", "minhash", out()));
    assertThat(report.recall()).isNotNull().isGreaterThan(0.9);
    assertThat(Files.readString(directory.resolve("out/report.json")))
        .contains("\"prefilter\" : \"minhash\"", "\"recall\" : " + report.recall());
    long exact =
        Oracle.verdicts(texts.subList(0, 1_200), 0.7).stream().filter(Verdict::kept).count();
    assertThat(report.kept()).isCloseTo(exact, within(60L));
  }

  @Test
  void keepsWhatThePublishedRuleKeepsOfTheRealMixture() throws IOException {
    List<String> records = new ArrayList<>();
    for (String text : Oracle.realMixture()) {
      records.add("{\"text\": " + JSON.writeValueAsString(text) + "}");
    }
    DedupReport report = run(options(file("in.jsonl", records.toArray(String[]::new))));
    assertThat(report.rows()).isEqualTo(45_266);
    assertThat(report.kept()).isEqualTo(26_684);
    assertThat(lines("kept.jsonl")).hasSize(26_684);
    assertThat(table("dropped").count()).isEqualTo(45_266 - 26_684);
  }
}
