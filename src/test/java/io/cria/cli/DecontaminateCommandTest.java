package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.VerdictTable;
import io.cria.similarity.Contamination;
import io.cria.similarity.EvaluationItem;
import io.cria.similarity.PlainContamination;
import io.cria.storage.RunDirectory;
import io.cria.testing.DirectoryContents;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import io.cria.testing.MadeExamples;
import io.cria.testing.MadeExamples.Made;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecontaminateCommandTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final Path SHIPPED =
      Path.of(System.getProperty("cria.home", "."), "conf", "evaluation");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static final List<Made> MADE = new ArrayList<>();
  private static final List<String> IDS = new ArrayList<>();
  private static Path run;

  /** The shipped seeds with planted pieces of the shipped set among them, in three rounds. */
  @BeforeAll
  static void makeTheRun() {
    run = folder.resolve("run");
    RunDirectory directory = HandMadeRun.write(SPARK, run);
    for (JsonNode seed : lines(SHIPPED.resolve("../seeds/seed_tasks.jsonl"))) {
      MADE.add(
          new Made(
              text(seed, "instruction"),
              text(seed.path("instances").path(0), "input"),
              text(seed.path("instances").path(0), "output")));
    }
    JsonNode task = lines(SHIPPED.resolve("tasks.jsonl")).get(1);
    JsonNode fact = lines(SHIPPED.resolve("facts.jsonl")).get(0);
    JsonNode korean = lines(SHIPPED.resolve("korean.jsonl")).get(0);
    MADE.add(3, new Made("Please " + text(task, "instruction"), "", "no"));
    MADE.add(40, new Made("Answer me.", "He asked: " + text(fact, "question"), "Mars"));
    MADE.add(90, new Made("짧게 말해 주세요.", "", text(korean, "reference")));
    int size = MADE.size() / 3 + 1;
    for (int round = 0; round < 3; round++) {
      List<Made> some = MADE.subList(round * size, Math.min(MADE.size(), (round + 1) * size));
      IDS.addAll(MadeExamples.commit(directory, round, some));
    }
  }

  @Test
  void verdictsOfTheShippedSetAreThoseOfEveryPairCompared() {
    Called called = Called.with("decontaminate", run, "--against", SHIPPED, "--name", "shipped");
    assertThat(called.code()).as(called.err()).isZero();
    List<String> expected = expected(0.7, 8, items());
    assertThat(expected).as("what was planted").hasSize(5);
    assertThat(rows("shipped")).isEqualTo(expected);
    assertThat(called.out())
        .startsWith(
            "3 of "
                + MADE.size()
                + " examples are near "
                + items().size()
                + " items of "
                + SHIPPED
                + " (rouge-l 2, 8-gram 3); ");
  }

  @Test
  void stricterRulesFindMoreAndEqualThoseOfEveryPairCompared() {
    Called called =
        Called.with(
            "decontaminate",
            run,
            "--against",
            SHIPPED,
            "--name",
            "strict",
            "--threshold",
            "0.4",
            "--ngram",
            "5");
    assertThat(called.code()).as(called.err()).isZero();
    List<String> expected = expected(0.4, 5, items());
    assertThat(expected).hasSizeGreaterThan(10);
    assertThat(rows("strict")).isEqualTo(expected);
  }

  @Test
  void tablesStayAndWhatIsJudgedIsNotJudgedAgain() throws IOException {
    Path copy = HandMadeRun.copy(run, folder.resolve("twice"));
    var before = DirectoryContents.of(copy.resolve("examples"));
    assertThat(Called.with("decontaminate", copy, "--against", SHIPPED).code()).isZero();
    assertThat(DirectoryContents.of(copy.resolve("examples"))).isEqualTo(before);
    var verdicts = DirectoryContents.of(copy.resolve("verdicts"));
    Called again = Called.with("decontaminate", copy, "--against", SHIPPED);
    assertThat(again.out()).contains(", as was found before; ");
    assertThat(DirectoryContents.of(copy.resolve("verdicts"))).isEqualTo(verdicts);
    Called other = Called.with("decontaminate", copy, "--against", SHIPPED, "--threshold", "0.4");
    assertThat(other.err())
        .contains("the judgement evaluation was made from another set, other rules");
  }

  @Test
  void newExamplesAreJudged() throws IOException {
    Path copy = HandMadeRun.copy(run, folder.resolve("grown"));
    deleteVerdicts(copy);
    Path set = set("grown.jsonl", "{\"question\": \"How deep is the lake behind the mill?\"}");
    Called clean = Called.with("decontaminate", copy, "--against", set);
    assertThat(clean.out()).as(clean.err()).startsWith("0 of ");
    MadeExamples.commit(
        RunDirectory.at(copy.toString(), SPARK.sparkContext().hadoopConfiguration()),
        3,
        List.of(new Made("How deep is the lake behind our mill?", "", "9 m")));
    assertThat(Called.with("decontaminate", copy, "--against", set).out())
        .startsWith("1 of " + (MADE.size() + 1) + " examples is near 1 item of " + set);
    RunDirectory grown =
        RunDirectory.at(copy.toString(), SPARK.sparkContext().hadoopConfiguration());
    assertThat(
            VerdictTable.read(SPARK, grown)
                .select("rater", "question", "verdict", "reason", "neighbour")
                .collectAsList())
        .extracting(Object::toString)
        .containsExactly("[rule:rouge-l,rouge-l,near,instruction," + set + ":1]");
  }

  @Test
  void verdictsDoNotDependOnPartitions() throws IOException {
    String key = "spark.sql.files.maxPartitionBytes";
    Path one = HandMadeRun.copy(run, folder.resolve("one"));
    Path many = HandMadeRun.copy(run, folder.resolve("many"));
    String before = SPARK.conf().get(key);
    try {
      SPARK.conf().set(key, "1g");
      assertThat(Called.with("decontaminate", one, "--against", SHIPPED).code()).isZero();
      SPARK.conf().set(key, "2k");
      assertThat(Called.with("decontaminate", many, "--against", SHIPPED).code()).isZero();
    } finally {
      SPARK.conf().set(key, before);
    }
    assertThat(published(one)).isNotEmpty().isEqualTo(published(many));
  }

  /** Without the lock, which says who published. */
  private static Map<String, String> published(Path run) throws IOException {
    Map<String, String> files = DirectoryContents.of(run.resolve("verdicts"));
    files.keySet().removeIf(file -> file.contains("/_lock/"));
    return files;
  }

  @Test
  void itemsWithoutATokenAreToldAndAreAnErrorWhenAllAreSo() throws IOException {
    Called called =
        Called.with(
            "decontaminate", run, "--against", SHIPPED, "--name", "en", "--tokenizer", "rouge-en");
    assertThat(called.code()).isZero();
    assertThat(called.err()).contains("items have letters that rouge-en passes over");
    Path korean = set("korean.jsonl", "{\"instruction\": \"안녕하세요\"}");
    refused(
        "--tokenizer rouge-en: it finds no token in any instruction",
        "decontaminate",
        run,
        "--against",
        korean,
        "--tokenizer",
        "rouge-en");
  }

  private static Called ofThreeColumns(Path input, Path set, Path out) {
    return Called.with(
        "decontaminate",
        "--input",
        input,
        "--column",
        "q",
        "--input-column",
        "x",
        "--output-column",
        "y",
        "--against",
        set,
        "--output",
        out);
  }

  @Test
  void filesAreSortedIntoKeptAndDropped() throws IOException {
    Path set = set("set.jsonl", "{\"id\": 7, \"prompt\": \"unused\"}", "", record("Name a river"));
    Path input =
        set(
            "in.jsonl",
            "{\"q\": \"Name a river\", \"x\": \"\", \"y\": \"the Ob\", \"n\": 1}",
            "{\"q\": \"Why?\", \"x\": \"They said: unused.\", \"y\": \"\", \"n\": 2}",
            "{\"q\": \"Bake a cake\", \"x\": \"\", \"y\": \"no\", \"n\": 3}");
    Path out = folder.resolve("clean");
    Called called = ofThreeColumns(input, set, out);
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out())
        .isEqualTo("kept 1 of 3, dropped 2 (rouge-l 1, 8-gram 1), " + out + System.lineSeparator());
    assertThat(Files.readAllLines(out.resolve("kept.jsonl")))
        .containsExactly("{\"q\": \"Bake a cake\", \"x\": \"\", \"y\": \"no\", \"n\": 3}");
    assertThat(Files.readAllLines(out.resolve("dropped.jsonl")))
        .containsExactly(
            "{\"q\": \"Name a river\", \"x\": \"\", \"y\": \"the Ob\", \"n\": 1, \"_reason\":"
                + " \"rouge-l\", \"_neighbour\": {\"input\": \""
                + set
                + "\", \"row\": 1}, \"_score\": 1.0}",
            "{\"q\": \"Why?\", \"x\": \"They said: unused.\", \"y\": \"\", \"n\": 2, \"_reason\":"
                + " \"8-gram\", \"_neighbour\": {\"input\": \""
                + set
                + "\", \"row\": 0}, \"_score\": 1.0}");
    assertThat(
            SPARK
                .read()
                .parquet(out.resolve("dropped").toString())
                .selectExpr("n", "_reason", "_neighbour.row", "_score")
                .collectAsList())
        .extracting(Object::toString)
        .containsExactly("[1,rouge-l,1,1.0]", "[2,8-gram,0,1.0]");
    JsonNode report = JSON.readTree(out.resolve("report.json").toFile());
    assertThat(report.path("reasons")).hasToString("{\"8-gram\":1,\"rouge-l\":1}");
    assertThat(report.path("items").asInt()).isEqualTo(2);
    Called again = ofThreeColumns(input, set, out);
    assertThat(again.err()).contains("holds this job's result already");
    refused(
        "it exists already and is not the result of this job",
        "decontaminate",
        "--input",
        input,
        "--column",
        "q",
        "--against",
        set,
        "--output",
        out);
  }

  @Test
  void parquetIsJudgedAsJsonIs() throws IOException {
    Path out = folder.resolve("parquet-out");
    Path table = folder.resolve("table");
    SPARK
        .sql("select 'Name a river' as instruction, 1 as n union all select 'Bake a cake', 2")
        .coalesce(1)
        .write()
        .parquet(table.toString());
    Called called =
        Called.with(
            "decontaminate",
            "--input",
            table,
            "--against",
            set("rivers.jsonl", record("Name a river")),
            "--output",
            out);
    assertThat(called.out()).as(called.err()).startsWith("kept 1 of 2, dropped 1 (");
    assertThat(
            SPARK.read().parquet(out.resolve("dropped").toString()).select("n", "_reason").head())
        .hasToString("[1,rouge-l]");
  }

  @Test
  void whatCannotBeJudgedIsRefused() throws IOException {
    Path set = set("some.jsonl", record("Name a river"));
    refused("nothing to judge", "decontaminate", "--against", set);
    refused(
        "a run and --input are two jobs", "decontaminate", run, "--input", set, "--against", set);
    refused("--output is missing", "decontaminate", "--input", set, "--against", set);
    refused("go with --input", "decontaminate", run, "--column", "q", "--against", set);
    refused(
        "--name is that of a run's verdicts",
        "decontaminate",
        "--input",
        set,
        "--against",
        set,
        "--name",
        "n",
        "--output",
        folder.resolve("none"));
    refused(
        "there is no run here (no run.json)",
        "decontaminate",
        folder.resolve("no-run"),
        "--against",
        set);
    refused("--name '../x': not a name", "decontaminate", run, "--against", set, "--name", "../x");
    refused("--ngram out of range", "decontaminate", run, "--against", set, "--ngram", "1");
    refused("threshold out of range", "decontaminate", run, "--against", set, "--threshold", "0");
    refused("unknown tokenizer", "decontaminate", run, "--against", set, "--tokenizer", "words");
    Path begun = folder.resolve("begun");
    RunDirectory unused = HandMadeRun.started(SPARK, begun);
    refused("it has no examples to judge", "decontaminate", begun, "--against", set);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"instruction\": \"a\" | :3: not valid JSON",
        "[1, 2] | :3: not a JSON object",
        "{\"text\": \"a\", \"n\": 1} | :3: no instruction, question, prompt or messages: the record"
            + " has text, n",
        "{\"question\": \" \"} | :3: its question is empty",
        "{\"instruction\": {\"a\": 1}} | :3: its instruction is no text",
        "{\"instruction\": \"a\", \"instruction\": \"b\"} | :3: not valid JSON"
      })
  void aBadRecordOfTheSetIsNamedByFileAndLine(String line, String message) throws IOException {
    Path set = set("bad.jsonl", record("Name a river"), "", line);
    refused(set + message, "decontaminate", run, "--against", set);
  }

  @Test
  void aSetThatIsNotThereOrEmptyIsRefused() throws IOException {
    refused(
        folder.resolve("none.jsonl") + ": no such file: --against is to name",
        "decontaminate",
        run,
        "--against",
        folder.resolve("none.jsonl"));
    refused(
        "the evaluation set has no item", "decontaminate", run, "--against", set("empty.jsonl"));
    Path nothing = Files.createDirectories(folder.resolve("nothing"));
    refused("the folder has no file of JSON", "decontaminate", run, "--against", nothing);
  }

  private static void deleteVerdicts(Path run) {
    RunDirectory.at(run.toString(), SPARK.sparkContext().hadoopConfiguration()).delete("verdicts");
  }

  private static void refused(String message, Object... words) {
    Called called = Called.with(words);
    assertThat(called.err()).contains(message);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines().filter(line -> line.startsWith("cria: "))).hasSize(1);
  }

  private static String record(String instruction) {
    return "{\"instruction\": \"" + instruction + "\"}";
  }

  private static Path set(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines));
  }

  private static List<JsonNode> lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      List<JsonNode> read = new ArrayList<>();
      for (String line : lines.toList()) {
        read.add(JSON.readTree(line));
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(JsonNode record, String key) {
    return record.path(key).asText("");
  }

  /** The shipped set's items, read by its README's description. */
  private static List<EvaluationItem> items() {
    List<EvaluationItem> items = new ArrayList<>();
    for (String file : List.of("equal", "facts", "harmless", "korean", "refuse", "tasks")) {
      for (JsonNode item : lines(SHIPPED.resolve(file + ".jsonl"))) {
        String asked = text(item, file.equals("facts") ? "question" : "instruction");
        String reference = text(item, file.equals("facts") ? "answer" : "reference");
        for (String who : file.equals("equal") ? List.of("a", "b") : List.of("")) {
          items.add(
              new EvaluationItem(
                  text(item, "id"),
                  asked.replace("{who}", text(item, who)),
                  text(item, "input"),
                  reference));
        }
      }
    }
    return items;
  }

  private static List<String> expected(double threshold, int gram, List<EvaluationItem> items) {
    PlainContamination plain =
        new PlainContamination(new Contamination.Rules("unicode-1", threshold, gram), items);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < MADE.size(); i++) {
      Made made = MADE.get(i);
      String id = IDS.get(i);
      plain.judge(new Contamination.Text(made.instruction(), made.input(), made.output())).stream()
          .sorted(java.util.Comparator.comparing(Contamination.Near::rule))
          .forEach(
              near ->
                  rows.add(
                      String.join(
                          "|",
                          id,
                          "rule:" + near.rule(),
                          near.rule(),
                          "near",
                          String.format(java.util.Locale.ROOT, "%.9f", near.score()),
                          near.reason(),
                          items.get(near.item()).name())));
    }
    return rows;
  }

  private static List<String> rows(String name) {
    RunDirectory directory =
        RunDirectory.at(run.toString(), SPARK.sparkContext().hadoopConfiguration());
    return VerdictTable.read(
            SPARK,
            directory,
            VerdictTable.published(directory).stream()
                .filter(judgement -> judgement.name().equals(name))
                .toList())
        .selectExpr(
            "concat_ws('|', subject_id, rater, question, verdict, format_string('%.9f', score),"
                + " reason, neighbour)")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }
}
