package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.Golden;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainerTest {
  @TempDir Path directory;

  private final List<String> messages = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /** Rows of two or three random examples; the first half of each example is the prompt. */
  static List<TrainingRow> rows(int count, long seed) {
    SeededRandom random = new SeededRandom(seed);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] lengths = new int[2 + random.nextInt(2)];
      for (int s = 0; s < lengths.length; s++) {
        lengths[s] = 4 + random.nextInt(8);
      }
      int total = Arrays.stream(lengths).sum();
      int[] tokens = new int[total];
      int[] labels = new int[total];
      int at = 0;
      for (int length : lengths) {
        for (int t = 0; t < length; t++, at++) {
          // A pattern that can be learnt: the next token follows from the one before.
          tokens[at] = t == 0 ? 3 + random.nextInt(500) : 3 + (tokens[at - 1] * 7 + 1) % 500;
          labels[at] = t < length / 2 ? TrainingRow.IGNORED : tokens[at];
        }
      }
      rows.add(new TrainingRow(tokens, labels, lengths));
    }
    return rows;
  }

  private Trainer.Environment environment() {
    AtomicInteger clock = new AtomicInteger();
    return new Trainer.Environment(
        () -> clock.incrementAndGet() * 1_000_000L, stop::get, messages::add);
  }

  private static SftConfig config(
      Path output, SftConfig.@Nullable Lora lora, int workers, @Nullable Integer maxSteps) {
    return config(output, lora, workers, maxSteps, "float32");
  }

  private static SftConfig config(
      Path output,
      SftConfig.@Nullable Lora lora,
      int workers,
      @Nullable Integer maxSteps,
      String precision) {
    return config(output, lora, workers, maxSteps, precision, false);
  }

  private static SftConfig config(
      Path output,
      SftConfig.@Nullable Lora lora,
      int workers,
      @Nullable Integer maxSteps,
      String precision,
      boolean checkpointActivations) {
    return new SftConfig(
        Golden.path("models/gqa_tied").toString(),
        "rows in memory",
        null,
        output.toString(),
        lora,
        2.0,
        maxSteps,
        null,
        4,
        60,
        new SftConfig.Optimizer(3e-3, 0.1, 0.9, 0.999, 1e-8),
        new SftConfig.Schedule("cosine", 0.1, null),
        1.0,
        checkpointActivations,
        precision,
        "cpu",
        workers,
        7L,
        4,
        2,
        2,
        SftConfig.Guards.DEFAULT,
        true);
  }

  private Trainer.Outcome train(SftConfig config, BatchSource rows) {
    return train(config, rows, null);
  }

  private Trainer.Outcome train(
      SftConfig config, BatchSource rows, @Nullable BatchSource evaluation) {
    try (Trainer trainer = new Trainer(config, rows, evaluation, environment())) {
      return trainer.run();
    }
  }

  /** Asks to stop while the given row is fetched, in the middle of a step. */
  private BatchSource stoppingAt(int fetch, BatchSource rows) {
    AtomicInteger fetched = new AtomicInteger();
    return new BatchSource() {
      @Override
      public int rows() {
        return rows.rows();
      }

      @Override
      public TrainingRow row(int epoch, int index) {
        stop.set(fetched.incrementAndGet() >= fetch);
        return rows.row(epoch, index);
      }

      @Override
      public String fingerprint() {
        return rows.fingerprint();
      }
    };
  }

  @ParameterizedTest
  @CsvSource({
    "full,1,float32,false",
    "full,2,float32,false",
    "full,2,bfloat16,true",
    "lora,2,float32,true",
    "dropout,1,float32,false",
    "dropout,1,float32,true",
    "dropout,1,bfloat16,false"
  })
  void aResumedRunEndsWithTheBitsOfAnUninterruptedOne(
      String what, int workers, String precision, boolean checkpointActivations)
      throws IOException {
    SftConfig.Lora lora =
        what.equals("full")
            ? null
            : new SftConfig.Lora(
                4, 8.0, what.equals("dropout") ? 0.2 : 0.0, List.of("q_proj", "v_proj"), true);
    Path whole = directory.resolve("whole");
    Path broken = directory.resolve("broken");
    BatchSource rows = BatchSource.shuffled(rows(22, 1), 5);
    BatchSource heldOut = BatchSource.inOrder(rows(4, 2));
    SftConfig ofWhole = config(whole, lora, workers, null, precision, checkpointActivations);
    SftConfig ofBroken = config(broken, lora, workers, null, precision, checkpointActivations);

    Trainer.Outcome once = train(ofWhole, rows, heldOut);
    assertThat(once.finished()).isTrue();
    assertThat(once.steps()).isEqualTo(12);

    int stops = 0;
    Trainer.Outcome outcome = train(ofBroken, stoppingAt(11, rows), heldOut);
    while (!outcome.finished()) {
      stops++;
      stop.set(false);
      outcome = train(ofBroken, stops == 1 ? stoppingAt(14, rows) : rows, heldOut);
    }
    assertThat(stops).isEqualTo(2);
    assertThat(outcome.lastLoss()).isEqualTo(once.lastLoss());
    assertThat(outcome.lastEvaluationLoss()).isEqualTo(once.lastEvaluationLoss());
    assertSameFiles(
        whole.resolve("checkpoints/step-00000012"),
        broken.resolve("checkpoints/step-00000012"),
        "safetensors");
    assertSameFiles(whole.resolve("model"), broken.resolve("model"), "safetensors");
    assertThat(losses(broken)).isEqualTo(losses(whole)).hasSize(12);
  }

  private static void assertSameFiles(Path a, Path b, String ending) throws IOException {
    try (Stream<Path> files = Files.list(a)) {
      List<Path> compared = files.filter(path -> path.toString().endsWith(ending)).toList();
      assertThat(compared).isNotEmpty();
      for (Path file : compared) {
        assertThat(b.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  private static List<Double> losses(Path output) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode node = json.readTree(line);
      if (node.has("loss")) {
        losses.add(node.path("loss").asDouble());
      }
    }
    return losses;
  }

  @Test
  void trainingLowersTheEvaluationLossAndSaysSo() throws IOException {
    SftConfig config = config(directory, null, 2, null);
    try (Trainer trainer =
        new Trainer(
            config,
            BatchSource.inOrder(rows(40, 1)),
            BatchSource.inOrder(rows(6, 2)),
            environment())) {
      Trainer.Outcome outcome = trainer.run();
      assertThat(outcome.lastEvaluationLoss()).isLessThan(outcome.firstEvaluationLoss() - 0.05);
      assertThat(outcome.result()).isEqualTo(directory.resolve("model"));
    }
    assertThat(messages.get(0))
        .contains(
            "of 162240 parameters",
            "in float32 (as configured)",
            "2 workers",
            "20 steps over 40 rows")
        .startsWith("training 162240");
    assertThat(messages)
        .anyMatch(
            line -> line.matches("step 20/20 epoch 2.00 loss [0-9.]+ lr .* tok/s ETA 0:00:00"));
    try (Stream<Path> kept = Files.list(directory.resolve("checkpoints"))) {
      assertThat(kept.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("step-00000016", "step-00000020");
    }
  }

  @Test
  void workersOnlyChangeTheOrderOfSummation() throws IOException {
    List<TrainingRow> rows = rows(16, 1);
    train(config(directory.resolve("one"), null, 1, 6), BatchSource.inOrder(rows));
    train(config(directory.resolve("three"), null, 3, 6), BatchSource.inOrder(rows));
    List<Double> one = losses(directory.resolve("one"));
    List<Double> three = losses(directory.resolve("three"));
    for (int i = 0; i < one.size(); i++) {
      assertThat(three.get(i))
          .isCloseTo(one.get(i), org.assertj.core.api.Assertions.within(Golden.LOSS));
    }
  }

  @Test
  void aCheckpointOfAnotherConfigurationIsRefusedByName() {
    BatchSource rows = BatchSource.inOrder(rows(8, 1));
    train(config(directory, null, 1, 2), rows);
    assertThatThrownBy(() -> train(config(directory, null, 1, 3), rows))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("is of another configuration (maxSteps was 2, is 3)")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
    assertThatThrownBy(() -> train(config(directory, null, 1, 2), BatchSource.inOrder(rows(8, 2))))
        .hasMessageContaining("(train (the data) was memory:8:");
  }

  @Test
  void theChosenPrecisionIsToldInTheFirstLineAndStored() {
    train(config(directory, null, 1, 1, "auto"), BatchSource.inOrder(rows(8, 1)));
    String stored = TrainerState.read(directory.resolve("checkpoints/step-00000001")).precision();
    assertThat(messages.get(0))
        .matches(
            "training .* parameters in "
                + stored
                + " \\((products run at \\d+ GFLOP/s in bfloat16 and \\d+ in float32"
                + "|the processor has no bfloat16 instructions)\\), .*");
  }

  @Test
  void aRunGoesOnInThePrecisionItBeganWith() {
    BatchSource rows = BatchSource.inOrder(rows(16, 1));
    train(config(directory, null, 1, null, "bfloat16"), stoppingAt(6, rows));
    stop.set(false);
    assertThatThrownBy(() -> train(config(directory, null, 1, null, "float32"), rows))
        .hasMessageContaining("(precision was bfloat16, is float32)");
    messages.clear();
    assertThat(train(config(directory, null, 1, null, "auto"), rows).finished()).isTrue();
    assertThat(messages.get(0))
        .contains("in bfloat16 (as the checkpoint)", "resumed from step-00000001");
    assertThat(TrainerState.read(directory.resolve("checkpoints/step-00000008")).precision())
        .isEqualTo("bfloat16");
  }

  @Test
  void emptyDataDataWithoutLabelsAndForeignTokensAreRefused() {
    assertThatThrownBy(() -> train(config(directory, null, 1, 2), BatchSource.inOrder(List.of())))
        .hasMessage(
            "the training data are empty (train: rows in memory): give at least one example");
    TrainingRow unlabelled = TrainingRow.single(new int[] {5, 6}, new int[] {-100, -100});
    assertThatThrownBy(
            () -> train(config(directory, null, 1, 2), BatchSource.inOrder(List.of(unlabelled))))
        .hasMessageContaining("step 1 has no labelled token");
    TrainingRow foreign = TrainingRow.single(new int[] {5, 512}, new int[] {-100, 512});
    assertThatThrownBy(
            () -> train(config(directory, null, 1, 2), BatchSource.inOrder(List.of(foreign))))
        .hasMessageContaining("has token 512, the model knows 512");
  }

  @Test
  void aCheckpointThatCannotBeWrittenLeavesTheOneBefore() {
    BatchSource rows = BatchSource.inOrder(rows(32, 1));
    Path checkpoints = directory.resolve("checkpoints");
    BatchSource blocking =
        new BatchSource() {
          @Override
          public int rows() {
            return rows.rows();
          }

          @Override
          public TrainingRow row(int epoch, int index) {
            Path first = checkpoints.resolve("step-00000004");
            // A link to nowhere stands where the next checkpoint is to be made.
            Path next = checkpoints.resolve(".partial-step-00000008");
            if (Files.exists(first) && !Files.isSymbolicLink(next)) {
              try {
                Files.createSymbolicLink(next, directory.resolve("nowhere"));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }
            return rows.row(epoch, index);
          }

          @Override
          public String fingerprint() {
            return rows.fingerprint();
          }
        };
    assertThatThrownBy(() -> train(config(directory, null, 1, null), blocking))
        .hasMessageContaining("cannot save checkpoint")
        .hasMessageContaining(
            "the last good checkpoint is " + checkpoints.resolve("step-00000004"));
    assertThat(TrainerState.read(checkpoints.resolve("step-00000004")).steps()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "trainer.json,0",
    "trainer.json,40",
    "optimizer-layer-00001.safetensors,0",
    "model.safetensors,1000",
    "config.json,0"
  })
  void aCheckpointThatPowerLossTruncatedIsPassedOver(String file, int length) throws IOException {
    BatchSource rows = BatchSource.inOrder(rows(20, 1));
    Path whole = directory.resolve("whole");
    Path broken = directory.resolve("broken");
    train(config(whole, null, 1, null), rows);
    train(config(broken, null, 1, null), rows);
    Path checkpoints = broken.resolve("checkpoints");
    Path last = checkpoints.resolve("step-00000010");
    Files.write(last.resolve(file), Arrays.copyOf(Files.readAllBytes(last.resolve(file)), length));
    messages.clear();
    assertThat(train(config(broken, null, 1, null), rows).finished()).isTrue();
    assertThat(messages)
        .contains(
            "checkpoint step-00000010 cannot be read and is now "
                + checkpoints.resolve("unreadable-step-00000010")
                + "; going on from step-00000008");
    assertSameFiles(whole.resolve("model"), broken.resolve("model"), "safetensors");
    for (String name : List.of("step-00000008", "step-00000010")) {
      Files.write(checkpoints.resolve(name).resolve("trainer.json"), new byte[0]);
    }
    assertThatThrownBy(() -> train(config(broken, null, 1, null), rows))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("cannot read " + last.resolve("trainer.json"));
  }

  @Test
  void theStopFileStopsAfterTheStepAndIsForgottenAtTheNextStart() throws IOException {
    BatchSource rows = BatchSource.inOrder(rows(8, 1));
    SftConfig config = config(directory, null, 1, null);
    try (Trainer trainer = new Trainer(config, rows, null, environment())) {
      Files.createFile(directory.resolve(Trainer.STOP_FILE));
      Trainer.Outcome outcome = trainer.run();
      assertThat(outcome.finished()).isFalse();
      assertThat(outcome.steps()).isZero();
    }
    assertThat(train(config, rows).finished()).isTrue();
  }

  @Test
  void aLearningRateFarTooHighEndsWithAnErrorAndNotWithBrokenWeights() {
    SftConfig usual = config(directory, null, 1, null);
    SftConfig wild =
        new SftConfig(
            usual.model(),
            usual.train(),
            null,
            usual.output(),
            null,
            40.0,
            null,
            null,
            4,
            60,
            new SftConfig.Optimizer(1e12, 0.0, 0.9, 0.999, 1e-8),
            new SftConfig.Schedule("constant", 0.0, 0),
            1.0,
            false,
            "float32",
            "cpu",
            1,
            7L,
            1000,
            2,
            100,
            new SftConfig.Guards(2.0, 2, 3),
            true);
    assertThatThrownBy(() -> train(wild, BatchSource.inOrder(rows(8, 1))))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("4 steps in a row were skipped")
        .hasMessageContaining("lower optimizer.learningRate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"float32", "bfloat16"})
  void anEmbeddingThatIsTheHeadTooCountsOnce(String precision) {
    WeightsDirectory base = WeightsDirectory.open(Golden.path("models/gqa_tied"));
    long stored = base.names().stream().mapToLong(name -> base.tensor(name).elements()).sum();
    SftConfig.Lora lora = new SftConfig.Lora(4, 8.0, 0.0, List.of("q_proj"), true);
    try (TrainedModel model =
        TrainedModel.load(
            config(Path.of("unused"), lora, 1, 1), null, Precision.of(precision).type())) {
      assertThat(model.sizes()).containsEntry("all", stored);
    }
  }
}
