package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.sft.TinyCheckpoint;
import io.cria.task.Ids;
import io.cria.testing.DirectoryContents;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Judging and safeguards with executors in processes of their own: what travels can be written, and
 * nothing is looked for where the driver alone has it. The results are those of one process.
 */
@Tag("cluster")
class ClusterSafeguardsTest {
  private static final int TASKS = 8;

  @TempDir Path folder;

  @Test
  void whatIsJudgedAndCountedIsTheSameOnExecutorsOfTheirOwn() throws Exception {
    Path made = folder.resolve("made");
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun line =
          LineRun.of(made, "alpaca", server.baseUrl())
              .with("target", "30")
              .with("rounds.size", "8");
      assertThat(line.go()).isTrue();
    }
    writeInputs(made);
    try (ScriptedServer server = ScriptedServer.start(call -> Reply.text(call, said(call)))) {
      writeEvaluation(server);
      Files.createDirectories(folder.resolve("here"));
      Files.createDirectories(folder.resolve("there"));
      for (String place : List.of("here", "there")) {
        Path unused = HandMadeRun.copy(made, folder.resolve(place).resolve("run"));
      }
      List<String> here = commands(folder.resolve("here"));
      assertThat(ManyCommands.run(here.toArray(String[]::new))).isZero();
      int calls = server.calls().size();

      Files.createDirectories(folder.resolve("home/jars"));
      Driver driver =
          Driver.of(
              ManyCommands.class.getName(),
              commands(folder.resolve("there")),
              Driver.clusterConf(folder.resolve("home")),
              Map.of(),
              folder.resolve("log"));
      assertThat(driver.exitCode()).as(driver::output).isZero();
      assertThat(server.calls()).hasSize(2 * calls);
    }
    assertThat(found("there")).isEqualTo(found("here")).hasSizeGreaterThan(6);
    assertThat(folder.resolve("there/printed")).content().contains("this run is as it was made");
  }

  /** A record file of the run's own instructions, and a set that has one of them. */
  private void writeInputs(Path made) throws IOException {
    List<String> records =
        LocalSpark.session()
            .read()
            .parquet(made.resolve("dataset/parquet").toString())
            .select("instruction", "input", "output")
            .toJSON()
            .collectAsList();
    Files.write(folder.resolve("records.jsonl"), records);
    String first = records.get(0);
    Files.writeString(folder.resolve("set.jsonl"), first + "\n");
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Files.writeString(
        folder.resolve("mark.yaml"),
        "{keyFile: key, vocabularySize: 512, tokenizer: " + model + ", scheme: left-hash}");
    Files.writeString(folder.resolve("key"), "12345\n");
  }

  private void writeEvaluation(ScriptedServer server) throws IOException {
    StringBuilder tasks = new StringBuilder();
    for (int i = 0; i < TASKS; i++) {
      tasks
          .append("{\"instruction\": \"Say ")
          .append(i)
          .append(".\", \"reference\": \"so it is\"}\n");
    }
    Files.writeString(folder.resolve("tasks.jsonl"), tasks);
    String endpoint = "endpoint: {baseUrl: \"" + server.baseUrl() + "\", keyEnv: none}";
    Files.writeString(
        folder.resolve("evaluate.yaml"),
        "set: tasks.jsonl\nanswerers:\n  one: {model: long, "
            + endpoint
            + "}\n  two: {model: short, "
            + endpoint
            + "}\ngeneration: {maxTokens: 16}\njudge: {model: kent, "
            + endpoint
            + "}\n");
  }

  private static String said(ScriptedServer.Call call) {
    return switch (call.body().path("model").asText()) {
      case "long" -> "so it is and was";
      case "short" -> "so it is";
      default -> "By a rule.\nBetter: left";
    };
  }

  private List<String> commands(Path place) {
    String directory = place.resolve("run").toString();
    String set = folder.resolve("set.jsonl").toString();
    String query =
        "select example_id, watermark_z(output, '"
            + folder.resolve("mark.yaml")
            + "') z"
            + " from examples order by example_id";
    return ManyCommands.arguments(
        place.resolve("printed"),
        List.of(
            List.of("decontaminate", directory, "--against", set),
            List.of(
                "decontaminate",
                "--input",
                folder.resolve("records.jsonl").toString(),
                "--against",
                set,
                "--output",
                place.resolve("clean").toString()),
            List.of("stage", "moderate", "--run", directory),
            List.of("sql", directory, "--format", "csv", "-e", query),
            List.of(
                "evaluate",
                folder.resolve("evaluate.yaml").toString(),
                "--run",
                place.resolve("evaluation").toString(),
                "--yes"),
            List.of("verify", directory)));
  }

  /**
   * What was made, by name, as the hash of its bytes; without what tells when, where and by whom,
   * and without tables whose files follow the partitions.
   */
  private Map<String, String> found(String place) throws IOException {
    Path here = folder.resolve(place);
    Map<String, String> found = new TreeMap<>();
    for (String made : List.of("run/verdicts", "run/moderated", "clean", "evaluation/verdicts")) {
      DirectoryContents.of(here.resolve(made))
          .forEach((file, content) -> found.put(made + "/" + file, Ids.sha256(content)));
    }
    found
        .keySet()
        .removeIf(
            file ->
                file.contains("/_")
                    || file.endsWith(".json")
                    || (file.startsWith("clean/") && file.endsWith(".parquet")));
    found.put("report", Files.readString(here.resolve("evaluation/report.json")));
    found.put(
        "printed", Files.readString(here.resolve("printed")).replace(here.toString(), "PLACE"));
    return found;
  }
}
