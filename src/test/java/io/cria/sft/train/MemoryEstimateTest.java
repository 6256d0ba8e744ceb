package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.sft.model.Architecture;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.RopeScaling;
import io.cria.sft.model.RotaryConfig;
import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import io.cria.weights.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemoryEstimateTest {
  private static final double GIB = 1L << 30;
  private static final ModelConfig SEVEN_B = shape(32000, 4096, 11008, 32, 32, 32, 128, false);

  private static ModelConfig shape(
      int vocabulary, int c, int f, int layers, int heads, int groups, int size, boolean tied) {
    return new ModelConfig(
        Architecture.LLAMA,
        vocabulary,
        c,
        f,
        layers,
        heads,
        groups,
        size,
        4096,
        1e-5,
        RotaryConfig.whole(size, 1e4, RopeScaling.NONE),
        tied,
        false,
        false,
        false,
        false,
        false,
        null,
        null,
        List.of(),
        null);
  }

  private static SftConfig config(
      String model,
      int tokens,
      SftConfig.@Nullable Lora lora,
      boolean checkpointed,
      String weights) {
    return new SftConfig(
        model,
        "rows",
        null,
        model + "-run",
        lora,
        1.0,
        1,
        null,
        2,
        tokens,
        SftConfig.Optimizer.DEFAULT,
        SftConfig.Schedule.DEFAULT,
        1.0,
        checkpointed,
        weights.equals(SftConfig.BFLOAT16) ? SftConfig.BFLOAT16 : SftConfig.FLOAT32,
        weights,
        "cpu",
        1,
        1L,
        1000,
        1,
        1000,
        SftConfig.Guards.DEFAULT,
        true);
  }

  private static MemoryEstimate sevenB(
      SftConfig.@Nullable Lora lora, boolean checkpointed, String weights, int ranks) {
    return MemoryEstimate.of(
        config("m", 4096, lora, checkpointed, weights),
        SEVEN_B,
        new MemoryEstimate.Plan(true, true, 1, ranks, 0));
  }

  @Test
  void theStaticPartIsThatOfTheTypes() {
    double parameters = 6.738e9;
    MemoryEstimate small = sevenB(null, true, SftConfig.BFLOAT16, 1);
    assertThat((double) small.weights()).isCloseTo(2 * parameters, within(1e8));
    assertThat((double) small.gradients()).isCloseTo(4 * parameters, within(1e8));
    assertThat((double) small.moments()).isCloseTo(8 * parameters, within(1e8));
    MemoryEstimate wide = sevenB(null, true, SftConfig.FLOAT32, 4);
    assertThat((double) wide.gradients()).isCloseTo(4 * parameters, within(1e8));
    assertThat((double) wide.moments()).isCloseTo(2 * parameters, within(1e8));
    MemoryEstimate adapter =
        sevenB(
            new SftConfig.Lora(16, 32.0, 0.0, List.of("all-linear"), false),
            true,
            SftConfig.FLOAT32,
            1);
    assertThat(adapter.weights() / GIB).isBetween(12.5, 13.5);
    assertThat(adapter.moments() / GIB).isLessThan(0.4);
  }

  @Test
  void workersHaveGradientsOfTheirOwnAndAWholeRowEach() {
    SftConfig settings = config("m", 4096, null, false, SftConfig.FLOAT32);
    MemoryEstimate one = plan(settings, 1, 2048);
    MemoryEstimate four = plan(settings, 4, 2048);
    assertThat(four.gradients()).isEqualTo(4 * one.gradients());
    assertThat(four.activations()).as("four rows, not two").isEqualTo(2 * one.activations());
    assertThat(plan(settings, 4, 1024).activations()).isEqualTo(one.activations());
  }

  private static MemoryEstimate plan(SftConfig settings, int workers, int longestRow) {
    return MemoryEstimate.of(
        settings, SEVEN_B, new MemoryEstimate.Plan(false, false, workers, 1, longestRow));
  }

  @Test
  void computingAgainTakesAFractionOfTheActivations() {
    long recorded = sevenB(null, false, SftConfig.BFLOAT16, 1).activations();
    long again = sevenB(null, true, SftConfig.BFLOAT16, 1).activations();
    assertThat(recorded / GIB).isBetween(15.0, 45.0);
    assertThat(again).isLessThan(recorded / 5);
  }

  @Test
  void aRunThatDoesNotFitAGpuIsRefusedWithWhatToLower() {
    MemoryEstimate full = sevenB(null, true, SftConfig.FLOAT32, 1);
    assertThatThrownBy(() -> full.check(true, 78L << 30, 80L << 30))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("the run needs about ")
        .hasMessageContaining(" GiB: weights ")
        .hasMessageContaining(", and the GPU has 78.0 GiB free: train an adapter (lora), or set")
        .hasMessageContaining("weights: bfloat16");
    MemoryEstimate wideBatch =
        MemoryEstimate.of(
            config("m", 65536, null, false, SftConfig.BFLOAT16),
            SEVEN_B,
            new MemoryEstimate.Plan(true, true, 1, 1, 0));
    assertThatThrownBy(() -> wideBatch.check(true, 139L << 30, 140L << 30))
        .hasMessageContaining("free: lower microBatchTokens, or set checkpointActivations: true");
    assertThat(full.check(true, 200L << 30, 200L << 30)).isEmpty();
  }

  @Test
  void theProcessorWarnsAndRefusesOnlyWhatCannotBe() {
    MemoryEstimate full = sevenB(null, true, SftConfig.FLOAT32, 1);
    assertThat(full.check(false, 64L << 30, 256L << 30).orElseThrow())
        .startsWith("the run may need more memory than the 64.0 GiB that are free: about ")
        .contains("; if it does not fit, ");
    assertThat(full.check(false, 0, 0)).isEmpty();
    assertThatThrownBy(() -> full.check(false, 16L << 30, 24L << 30))
        .hasMessageContaining(", and the machine has 24.0 GiB: ");
  }

  /** In a process of its own, whose peak is what the system says of it. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void theEstimateIsOfTheOrderOfWhatARunTakes(boolean checkpointed, @TempDir Path directory)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.isReadable(Path.of("/proc/self/status")), "skipped: no account of a peak here");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Watched.class.getName(),
                directory.toString(),
                String.valueOf(checkpointed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(told).isZero();
    String[] numbers = told.strip().split(" ", -1);
    double ratio = Double.parseDouble(numbers[0]) / Double.parseDouble(numbers[1]);
    assertThat(ratio).as(told).isBetween(0.6, 1.7);
  }

  /** Prints the estimate of a run of one step and the peak of its resident memory, in bytes. */
  static final class Watched {
    private static final ModelConfig MODEL = shape(8000, 512, 1536, 6, 8, 4, 64, true);

    private Watched() {}

    public static void main(String[] args) throws IOException {
      Path model = Path.of(args[0], "model");
      try (ModelWeights weights = TinyModelTest.weights(MODEL, 1)) {
        ModelFiles.save(model, MODEL, weights, TensorType.F32, model);
      }
      SftConfig config =
          config(model.toString(), 1024, null, Boolean.parseBoolean(args[1]), SftConfig.FLOAT32);
      SeededRandom random = new SeededRandom(1);
      List<TrainingRow> rows = new java.util.ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int[] tokens = new int[512];
        java.util.Arrays.setAll(tokens, at -> random.nextInt(8000));
        rows.add(TrainingRow.single(tokens, tokens));
      }
      Trainer.Environment environment =
          new Trainer.Environment(System::nanoTime, () -> false, line -> {});
      try (Trainer trainer = new Trainer(config, BatchSource.inOrder(rows), null, environment)) {
        trainer.run();
      }
      long peak =
          Files.readString(Path.of("/proc/self/status"))
              .lines()
              .filter(line -> line.startsWith("VmHWM"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
              .sum();
      System.out.println(
          MemoryEstimate.of(config, MODEL, new MemoryEstimate.Plan(false, false, 1, 1, 512)).bytes()
              + " "
              + peak);
    }
  }
}
