package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sql.RunViews;
import io.cria.storage.RunDirectory;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings in local mode, with processes that only play ranks. */
class TrainingTest {
  private static final String ADAPTER = "adapter/adapter_model.safetensors";

  @TempDir Path folder;

  @Test
  void twoRanksTrainAndTheResultIsPublished() throws IOException {
    ShardedRun run = ShardedRun.create(folder);
    Training.Outcome outcome = run.train("tuned", 2);
    assertThat(outcome).isEqualTo(new Training.Outcome(ExitCode.DONE, true, 12, 12));
    assertThat(run.text("tuned", ADAPTER)).hasSize(64);
    assertThat(run.text("tuned", "metrics.jsonl").lines()).hasSize(12);
    assertThat(run.text("tuned", "_manifests/result.json")).contains(ADAPTER);
    assertThat(names(run.training("tuned").resolve("checkpoints")))
        .containsExactly("step-00000010", "step-00000012");
    assertThat(names(run.training("tuned").resolve("_manifests/checkpoints")))
        .containsExactly("step-00000010.json", "step-00000012.json");
    assertThat(run.text("tuned", "status.json")).contains("\"state\" : \"done\"");
    assertThat(run.notes()).contains("train tuned of 12");
    assertThat(run.starts()).hasSize(2);

    assertThat(run.train("tuned", 2))
        .as("given again there is nothing to do")
        .isEqualTo(new Training.Outcome(ExitCode.DONE, false, 12, 12));
    assertThat(run.starts()).hasSize(2);

    RunViews.register(
        LocalSpark.session(),
        RunDirectory.at(
            run.run().toString(), LocalSpark.session().sparkContext().hadoopConfiguration()));
    List<Row> rows =
        LocalSpark.session()
            .sql(
                "select name, count(*), max(step), sum(tokens), min(gradient_norm) from training group by name")
            .collectAsList();
    assertThat(rows.toString()).isEqualTo("[[tuned,12,12,1200,0.25]]");
  }

  @Test
  void aTrainingWhoseTimeWasOverIsGoneOnWith() throws IOException {
    ShardedRun run = ShardedRun.create(folder).environment(FakeRank.TIME, "7");
    assertThat(run.train("tuned", 2)).isEqualTo(new Training.Outcome(ExitCode.DONE, true, 7, 12));
    assertThat(run.text("tuned", "status.json"))
        .contains(
            "\"state\" : \"done\"",
            "the time was over after 7 of 12 steps: the same command goes on",
            "\"eta_seconds\" : null");
    assertThat(run.text("tuned", "_manifests/result.json"))
        .contains("\"steps\" : 7", "\"totalSteps\" : 12");
    assertThat(run.train("tuned", 2)).isEqualTo(new Training.Outcome(ExitCode.DONE, true, 12, 12));
    assertThat(run.train("tuned", 2)).isEqualTo(new Training.Outcome(ExitCode.DONE, false, 12, 12));
    run.environment(FakeRank.TIME, "12").train("other", 1);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(run.text("other", ADAPTER));
  }

  @Test
  void aTableThatCannotBeWrittenKeepsNoResultBack() throws IOException {
    ShardedRun run = ShardedRun.create(folder);
    Files.createDirectories(run.run().resolve("metrics"));
    Files.writeString(run.run().resolve("metrics/name=tuned"), "in the way");
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", "_manifests/result.json")).contains(ADAPTER);
    assertThat(run.notes())
        .anyMatch(note -> note.contains("the metrics of tuned could not be written there"));
  }

  @Test
  void ranksSeeTheCoresOfTheirTaskAndNoGpusOfOthers() throws IOException {
    ShardedRun run = ShardedRun.create(folder);
    run.train("tuned", 1);
    assertThat(run.starts().get(0)).contains(" cores 1 ", "\"training.device\":\"cpu\"");
    run.train("wider", 1, Map.of("training.workers", "2"), () -> false);
    assertThat(run.starts().get(1)).contains(" cores 2 ").doesNotContain("training.workers");
  }

  static List<String> names(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
