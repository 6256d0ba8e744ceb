package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.Golden;
import io.cria.sft.train.BatchSource;
import io.cria.sft.train.ProcessGroup;
import io.cria.sft.train.RunEvents;
import io.cria.sft.train.SftConfig;
import io.cria.sft.train.Trainer;
import io.cria.sft.train.TrainingRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several ranks learn what one does. */
final class RanksTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NEVER = Integer.MAX_VALUE;

  @TempDir Path folder;

  private SftConfig config(String kind, Path output, boolean sharded) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(
        "model",
        Golden.path(kind.contains("untied") ? "models/mha_untied" : "models/gqa_tied").toString());
    settings.put("train", "rows in memory");
    settings.put("output", output.toString());
    if (kind.startsWith("lora")) {
      settings.put(
          "lora",
          Map.of(
              "rank",
              4,
              "alpha",
              8,
              "dropout",
              kind.endsWith("dropout") ? 0.2 : 0.0,
              "targets",
              List.of("q_proj", "v_proj", "down_proj")));
    }
    settings.put("epochs", 2);
    settings.put("batchRows", 4);
    settings.put("microBatchTokens", 40);
    settings.put("optimizer", Map.of("learningRate", 3e-3, "weightDecay", 0.1));
    boolean small = kind.endsWith("bfloat16");
    settings.put("precision", small ? "bfloat16" : "float32");
    settings.put("weights", small ? "bfloat16" : "float32");
    settings.put("checkpointActivations", kind.startsWith("full,again"));
    settings.put("workers", kind.endsWith("workers") ? 2 : 1);
    settings.put("seed", 7);
    settings.put("checkpointEverySteps", 4);
    settings.put("evaluateEverySteps", 3);
    settings.put("shardOptimizer", sharded);
    return JSON.convertValue(settings, SftConfig.class);
  }

  /**
   * Trains with ranks that are threads; rank 0's output is {@code name}.
   *
   * @param stopAfter rank 1, or the only one, wishes to stop when so many rows have been asked for
   */
  private List<Trainer.Outcome> train(
      String kind, String name, int size, boolean sharded, int stopAfter) {
    return RankThreads.run(size, group -> train(kind, name, group, sharded, stopAfter));
  }

  private List<Trainer.Outcome> train(String kind, String name, int size) {
    return train(kind, name, size, true, NEVER);
  }

  private Trainer.Outcome train(
      String kind, String name, ProcessGroup group, boolean sharded, int stopAfter) {
    Path output = folder.resolve(group.isFirst() ? name : name + "-" + group.rank());
    AtomicInteger fetched = new AtomicInteger();
    boolean stops = group.rank() == group.size() - 1;
    BatchSource rows = BatchSource.shuffled(RankThreads.rows(21, 1), 4);
    BatchSource counted =
        new BatchSource() {
          @Override
          public int rows() {
            return rows.rows();
          }

          @Override
          public TrainingRow row(int epoch, int index) {
            fetched.incrementAndGet();
            return rows.row(epoch, index);
          }

          @Override
          public String fingerprint() {
            return rows.fingerprint();
          }
        };
    Trainer.Environment environment =
        new Trainer.Environment(
            System::nanoTime,
            () -> stops && fetched.get() >= stopAfter,
            message -> {},
            group,
            RunEvents.NONE,
            null);
    try (Trainer trainer =
        new Trainer(
            config(kind, output, sharded),
            counted,
            BatchSource.inOrder(RankThreads.rows(5, 2)),
            environment)) {
      return trainer.run();
    }
  }

  private Map<String, Double> numbers(String name) {
    Map<String, Double> numbers = new HashMap<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(name).resolve("metrics.jsonl"))) {
        JsonNode node = JSON.readTree(line);
        for (String key : List.of("loss", "eval_loss", "grad_norm", "tokens", "targets")) {
          if (node.has(key)) {
            numbers.put(node.path("step") + " " + key, node.path(key).asDouble());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return numbers;
  }

  private void assertClose(String name, String reference) {
    assertClose(name, reference, 1e-5);
  }

  private void assertClose(String name, String reference, double tolerance) {
    Map<String, Double> expected = numbers(reference);
    Map<String, Double> actual = numbers(name);
    assertThat(actual.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(40);
    expected.forEach(
        (what, value) ->
            assertThat(actual.get(what))
                .as(what)
                .isCloseTo(value, within(tolerance * Math.max(1, value))));
  }

  private void assertSameFiles(String name, String reference, String below) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(reference).resolve(below))) {
      List<Path> compared = files.filter(file -> file.toString().endsWith("safetensors")).toList();
      assertThat(compared).isNotEmpty();
      for (Path file : compared) {
        assertThat(folder.resolve(name).resolve(below).resolve(file.getFileName()))
            .hasSameBinaryContentAs(file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "full,untied", "full,again,workers", "lora"})
  void twoAndThreeRanksLearnWhatOneDoes(String kind) {
    // the last batch of an epoch has one row: two of three ranks have none of it
    Trainer.Outcome alone = train(kind, "one", 1).get(0);
    assertThat(alone.steps()).isEqualTo(12);
    for (int size : new int[] {2, 3}) {
      List<Trainer.Outcome> outcomes = train(kind, "of-" + size, size);
      assertThat(outcomes)
          .allSatisfy(
              outcome -> {
                assertThat(outcome.finished()).isTrue();
                assertThat(outcome.steps()).isEqualTo(12);
                assertThat(outcome.lastLoss()).isEqualTo(outcomes.get(0).lastLoss());
              });
      assertClose("of-" + size, "one");
    }
  }

  /**
   * What a rank computes in bfloat16 depends on which rows it has; what is added up, it does not.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ranksOfBfloat16WeightsLearnWhatOneDoes(boolean sharded) {
    train("full,untied,bfloat16", "one", 1);
    List<Trainer.Outcome> outcomes = train("full,untied,bfloat16", "two", 2, sharded, NEVER);
    assertThat(outcomes.get(0).steps()).isEqualTo(12);
    assertThat(outcomes.get(1).lastLoss()).isEqualTo(outcomes.get(0).lastLoss());
    assertClose("two", "one", 0.03);
  }

  @ParameterizedTest
  @CsvSource({"full,2", "'full,untied',3", "lora,2"})
  void aSharedOptimizerGivesTheBitsOfOneThatEveryRankKeeps(String kind, int size)
      throws IOException {
    train(kind, "sharded", size, true, NEVER);
    train(kind, "plain", size, false, NEVER);
    assertThat(numbers("sharded")).isEqualTo(numbers("plain"));
    assertSameFiles("sharded", "plain", "checkpoints/step-00000012");
    assertSameFiles("sharded", "plain", "model");
  }

  @ParameterizedTest
  @CsvSource({"full,2,true", "full,3,false", "lora,2,true", "'full,again,workers',2,true"})
  void asManyRanksGoOnWithTheBitsOfAnUninterruptedRun(String kind, int size, boolean sharded)
      throws IOException {
    train(kind, "whole", size, sharded, NEVER);
    List<Trainer.Outcome> stopped = train(kind, "broken", size, sharded, 5);
    assertThat(stopped)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.finished()).isFalse();
              assertThat(outcome.steps()).isBetween(1, 11);
            });
    train(kind, "broken", size, sharded, NEVER);
    assertThat(numbers("broken")).isEqualTo(numbers("whole"));
    assertSameFiles("broken", "whole", "checkpoints/step-00000012");
    assertSameFiles("broken", "whole", "model");
  }

  @Test
  void dropoutGoesOnAsItWouldHave() throws IOException {
    // ranks that are threads share one generator: one rank alone
    train("lora,dropout", "whole", 1);
    train("lora,dropout", "broken", 1, true, 10);
    assertThat(train("lora,dropout", "broken", 1).get(0).finished()).isTrue();
    assertSameFiles("broken", "whole", "adapter");
  }

  @ParameterizedTest
  @CsvSource({"full,2,1", "full,1,3", "lora,3,2"})
  void anotherNumberOfRanksGoesOnWithTheSameCurve(String kind, int before, int after) {
    train(kind, "one", 1);
    train(kind, "moved", before, true, 5);
    assertThat(numbers("moved")).hasSizeBetween(5, 55);
    List<Trainer.Outcome> outcomes = train(kind, "moved", after);
    assertThat(outcomes.get(0).finished()).isTrue();
    assertClose("moved", "one");
  }
}
