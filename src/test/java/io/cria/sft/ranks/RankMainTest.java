package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.CheckpointCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks as processes of their own, and how they end when one of them does not go on. */
final class RankMainTest {
  private static final Map<String, String> SHORT = Map.of("training.maxSteps", "6");
  private static final Map<String, String> LONG = Map.of("training.epochs", "100000");
  private static final int PATIENT = 20;
  private static final int BRISK = 2;

  @TempDir Path folder;
  private RankProcesses.Setting setting;

  @BeforeEach
  void writeModelAndShards() throws IOException {
    setting = RankProcesses.Setting.tiny(folder, 24);
  }

  @Test
  void twoRanksTrainAndRankZeroHasTheResult() throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "two", 2, PATIENT, SHORT)) {
      RankEvent.End first = ranks.get(0).awaitEnd();
      RankEvent.End second = ranks.get(1).awaitEnd();
      assertThat(first.message()).isEmpty();
      assertThat(first).isEqualTo(second);
      assertThat(first.code()).isZero();
      assertThat(first.finished()).isTrue();
      assertThat(first.steps()).isEqualTo(6);
      assertThat(first.evalAfter()).isLessThan(first.evalBefore());
      assertThat(List.of(ranks.get(0).awaitExit(), ranks.get(1).awaitExit()))
          .containsExactly(0, 0);
      ranks
          .get(0)
          .await(
              RankEvent.Metrics.class,
              event -> event.line().path("step").asInt() == 6 && event.line().has("loss"));
      ranks.get(0).await(RankEvent.Checkpoint.class, event -> event.step() == 6);
      assertThat(
              ranks
                  .get(0)
                  .await(RankEvent.Message.class, event -> event.text().startsWith("training"))
                  .text())
          .contains("2 ranks of 1 worker");
      assertThat(ranks.get(1).printed()).contains("rank 1: step 6/6");
    }
    Path output = setting.output("two", 0);
    assertThat(output.resolve("adapter").resolve(CheckpointCard.FILE)).content().contains("the model");
    assertThat(output.resolve("adapter/adapter_config.json")).content().contains("\"the model\"");
    assertThat(output.resolve("model/model.safetensors")).exists();
    assertThat(setting.output("two", 1).resolve("checkpoints")).doesNotExist();
    assertThat(setting.output("two", 1).resolve("adapter")).doesNotExist();
    assertThat(setting.output("two", 1).resolve("metrics.jsonl")).doesNotExist();
  }
}
