package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.model.Architecture;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.RopeScaling;
import io.cria.sft.model.Rotary;
import io.cria.sft.model.RotaryConfig;
import io.cria.sft.natives.CpuFeatures;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.SeededRandom;
import io.cria.weights.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TinyModelTest {
  private static final ModelConfig TINY =
      new ModelConfig(
          Architecture.LLAMA,
          40,
          16,
          24,
          2,
          4,
          2,
          4,
          64,
          1e-5,
          RotaryConfig.whole(4, 1e4, RopeScaling.NONE),
          true,
          false,
          false,
          false,
          false,
          false,
          null,
          null,
          List.of(),
          null);

  private static final ModelConfig MEGABYTES =
      new ModelConfig(
          Architecture.LLAMA,
          2000,
          256,
          512,
          1,
          4,
          2,
          64,
          64,
          1e-5,
          RotaryConfig.whole(64, 1e4, RopeScaling.NONE),
          true,
          false,
          false,
          false,
          false,
          false,
          null,
          null,
          List.of(),
          null);

  static ModelWeights weights(ModelConfig config, long seed) {
    Natives.load();
    SeededRandom random = new SeededRandom(seed);
    return Scoped.call(
        () ->
            ModelWeights.from(
                config,
                (name, shape) -> {
                  int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
                  float[] values = new float[count];
                  for (int i = 0; i < count; i++) {
                    values[i] =
                        (shape.length == 1 ? 1 : 0) + (float) (random.nextDouble() - 0.5) * 0.6f;
                  }
                  return Tensors.keep(Tensors.floats(values, shape).requires_grad_(true));
                }));
  }

  /**
   * In a process of its own: beside a whole test suite, resident memory tells of everything but
   * these steps.
   */
  @Test
  void memoryStaysFlatOverThousandsOfStepsAndOverCheckpoints(@TempDir Path directory)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        CpuFeatures.residentBytes() > 0, "skipped: this system does not tell its resident memory");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                // A full store of direct buffers would start the collector, which hides a leak.
                "-XX:MaxDirectMemorySize=2g",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                MemoryWatch.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(told).isZero();
    String[] grown = told.strip().split(" ", -1);
    // Without scopes 2000 such steps leak gigabytes.
    assertThat(Long.parseLong(grown[0])).as("resident bytes").isLessThan(48L << 20);
    assertThat(Long.parseLong(grown[1])).as("tracked bytes").isLessThanOrEqualTo(0);
    // A set of gradients is 5 MB, a checkpoint 14.
    assertThat(Long.parseLong(grown[2])).as("over 40 steps").isLessThan(32L << 20);
    assertThat(Long.parseLong(grown[3])).as("over 10 checkpoints").isLessThan(32L << 20);
  }

  /**
   * Prints by how much resident and tracked memory grew over two thousand steps of a tiny model,
   * and then resident memory over steps and over checkpoints of a trainer with a larger one.
   */
  static final class MemoryWatch {
    private MemoryWatch() {}

    public static void main(String[] args) {
      watchSteps();
      Path model = Path.of(args[0], "model");
      try (ModelWeights weights = weights(MEGABYTES, 1)) {
        ModelFiles.save(model, MEGABYTES, weights, TensorType.F32, model);
      }
      System.out.print(" " + growth(model, Path.of(args[0], "steps"), 1000, 15, 55));
      System.out.println(" " + growth(model, Path.of(args[0], "checkpoints"), 1, 5, 15));
    }

    /** By how many bytes the process grew between the beginnings of two steps. */
    private static long growth(
        Path model, Path output, int checkpointEverySteps, int first, int last) {
      long[] resident = new long[last + 1];
      TrainingRow row =
          TrainingRow.single(new int[] {1, 2, 3, 4, 5}, new int[] {-100, -100, 3, 4, 5});
      BatchSource rows =
          new BatchSource() {
            @Override
            public int rows() {
              return resident.length;
            }

            @Override
            public TrainingRow row(int epoch, int index) {
              resident[index] = CpuFeatures.residentBytes();
              return row;
            }

            @Override
            public String fingerprint() {
              return "one row";
            }
          };
      SftConfig config =
          new SftConfig(
              model.toString(),
              "",
              null,
              output.toString(),
              null,
              1.0,
              null,
              null,
              1,
              64,
              SftConfig.Optimizer.DEFAULT,
              SftConfig.Schedule.DEFAULT,
              1.0,
              false,
              SftConfig.FLOAT32,
              SftConfig.FLOAT32,
              "cpu",
              1,
              1L,
              checkpointEverySteps,
              1,
              1000,
              SftConfig.Guards.DEFAULT,
              true);
      Trainer.Environment environment =
          new Trainer.Environment(System::nanoTime, () -> false, message -> {});
      try (Trainer trainer = new Trainer(config, rows, null, environment)) {
        trainer.run();
      }
      return resident[last] - resident[first];
    }

    private static void watchSteps() {
      ModelWeights weights = weights(TINY, 1);
      Decoder decoder = new Decoder(TINY, weights, Rotary.of(TINY), ScalarType.Float);
      Backpropagation backpropagation = new Backpropagation(decoder, false);
      PackedBatch batch =
          PackedBatch.of(
              List.of(
                  TrainingRow.single(new int[] {1, 2, 3, 4, 5}, new int[] {-100, -100, 3, 4, 5}),
                  new TrainingRow(
                      new int[] {9, 8, 7, 6}, new int[] {-100, 8, -100, 6}, new int[] {2, 2})));
      try (AdamW optimizer = new AdamW(weights.named(), SftConfig.Optimizer.DEFAULT)) {
        steps(500, backpropagation, optimizer, batch, weights);
        long tracked = Pointer.totalBytes();
        long before = CpuFeatures.residentBytes();
        steps(2000, backpropagation, optimizer, batch, weights);
        System.out.print(
            (CpuFeatures.residentBytes() - before) + " " + (Pointer.totalBytes() - tracked));
      }
    }
  }

  private static void steps(
      int count,
      Backpropagation backpropagation,
      AdamW optimizer,
      PackedBatch batch,
      ModelWeights weights) {
    for (int i = 0; i < count; i++) {
      backpropagation.run(batch, 0.2);
      double norm = GradientNorm.of(weights.named().values());
      optimizer.step(1e-3, GradientNorm.clipFactor(norm, 1));
      optimizer.clearGradients();
    }
  }

  @Test
  void gradientsAreTheSlopesOfTheLoss() {
    ModelWeights weights = weights(TINY, 2);
    Decoder decoder = new Decoder(TINY, weights, Rotary.of(TINY), ScalarType.Float);
    Backpropagation backpropagation = new Backpropagation(decoder, true);
    PackedBatch batch =
        PackedBatch.of(
            List.of(
                TrainingRow.single(
                    new int[] {1, 2, 3, 4, 5, 6}, new int[] {-100, -100, 3, 4, 5, 6}),
                new TrainingRow(
                    new int[] {9, 8, 7, 6}, new int[] {-100, 8, -100, 6}, new int[] {2, 2})));
    backpropagation.run(batch, 1);
    SeededRandom random = new SeededRandom(3);
    for (Tensor parameter : weights.named().values()) {
      float[] gradient = Tensors.toFloats(parameter.grad());
      float[] direction = new float[gradient.length];
      double slope = 0;
      double length = 0;
      for (int i = 0; i < direction.length; i++) {
        // Mostly uphill, so that the change stands well above rounding.
        direction[i] = gradient[i] * (0.5f + (float) random.nextDouble());
        slope += gradient[i] * direction[i];
        length += direction[i] * direction[i];
      }
      double step = 2e-2 / Math.sqrt(length);
      double difference =
          (shifted(backpropagation, batch, parameter, direction, step)
                  - shifted(backpropagation, batch, parameter, direction, -step))
              / (2 * step);
      assertThat(difference).isCloseTo(slope, org.assertj.core.data.Percentage.withPercentage(1));
    }
  }

  private static double shifted(
      Backpropagation backpropagation,
      PackedBatch batch,
      Tensor parameter,
      float[] direction,
      double step) {
    float[] values = Tensors.toFloats(parameter);
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (direction[i] * step);
    }
    set(parameter, moved);
    double loss = backpropagation.loss(batch);
    set(parameter, values);
    return loss;
  }

  private static void set(Tensor parameter, float[] values) {
    Scoped.withoutGradients(
        () -> {
          Tensor plain = parameter.detach();
          plain.copy_(Tensors.floats(values, plain.shape()));
          return true;
        });
  }
}
