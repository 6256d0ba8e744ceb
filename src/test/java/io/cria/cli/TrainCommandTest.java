package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final String STATUS =
      """
      {"state": "%s", "exit_code": %d, "reason": "a word", "ranks": 2, "attempt": 1, "step": 12,
       "total_steps": 100, "loss": 1.25, "evaluation_loss": 1.5, "tokens_per_second": 300.0,
       "eta_seconds": 90, "updated_at": "2026-01-01T00:00:00Z", "invocation": ""}
      """;

  @TempDir Path folder;

  private Path run(String state, int code) throws java.io.IOException {
    RunDirectory run = HandMadeRun.started(LocalSpark.session(), folder.resolve("run"));
    run.replace("training/tuned/status.json", STATUS.formatted(state, code));
    return folder.resolve("run");
  }

  @Test
  void statusTellsTheTrainingsOfARun() throws java.io.IOException {
    Called status = Called.with("status", run("done", 0));
    assertThat(status.out())
        .contains(
            "training     tuned: done, exit code 0, step 12/100, loss 1.2500, evaluation loss"
                + " 1.5000, 2 ranks, 2026-01-01T00:00:00Z: a word");
  }

  @Test
  void aTrainingIsAskedAboutByItsOwnDirectoryToo() throws java.io.IOException {
    Path training = run("failed", 1).resolve("training/tuned");
    assertThat(Called.with("status", training).out())
        .contains("training     " + training, "state        failed, exit code 1, step 12/100");
    assertThat(Called.with("status", training, "--json").out())
        .contains("\"state\" : \"failed\"", "\"step\" : 12", "\"dead\" : false");
  }

  @Test
  void schedulersSeeTheTrainingsAndWhichAreDead() throws java.io.IOException {
    String json = Called.with("status", run("running", -1), "--json").out();
    assertThat(new ObjectMapper().readTree(json).at("/trainings/tuned/state").asText())
        .isEqualTo("running");
    assertThat(new ObjectMapper().readTree(json).at("/trainings/tuned/dead").asBoolean()).isTrue();
  }

  @Test
  void aDriverThatWasKilledIsNotSaidToBeAtWork() throws java.io.IOException {
    assertThat(Called.with("status", run("running", -1)).out())
        .contains("tuned: ended without a word, while it was running, step 12/100");
  }

  @Test
  void stopSaysWhereNothingIsBeingTrained() throws java.io.IOException {
    Called stop = Called.with("stop", run("stopped", 3), "--training", "tuned");
    assertThat(stop.code()).isEqualTo(2);
    assertThat(stop.err())
        .contains(
            "run/training/tuned: nothing is running there (stopped, exit code 3, step 12/100");
    assertThat(folder.resolve("run/training/tuned/_stop")).doesNotExist();
  }

  @Test
  void whatIsWrongIsToldInOneLine() throws java.io.IOException {
    Path conf = Files.writeString(folder.resolve("sft.yaml"), "base: model\n");
    Called none =
        Called.with(
            "train", run("stopped", 3), "--name", "tuned", "--sft-conf", conf, "--ranks", "0");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).isEqualTo("cria: --ranks 0: give at least 1\n");
    Called absent = Called.with("train", folder, "--name", "tuned", "--sft-conf", conf);
    assertThat(absent.code()).isEqualTo(2);
    assertThat(absent.err()).contains("no base model at " + folder.resolve("model"));
    Called unnamed =
        Called.with("train", folder, "--name", "..", "--sft-conf", conf, "--base", folder);
    assertThat(unnamed.code()).isEqualTo(2);
    assertThat(unnamed.err()).contains("--name '..': no name for a training");
  }
}
