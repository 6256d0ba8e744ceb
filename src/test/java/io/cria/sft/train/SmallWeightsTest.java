package io.cria.sft.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.sft.Golden;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Placement;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import io.cria.weights.Safetensors;
import io.cria.weights.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in bfloat16 with moments in float32. */
final class SmallWeightsTest {
  private static final Path MODEL = Golden.path("models/gqa_tied");

  @TempDir Path directory;

  @Test
  void roundingByChanceKeepsTheMeanAndTakesANeighbour() {
    Natives.load();
    Scoped.run(
        () -> {
          // a quarter of the way from 1 to the next bfloat16 number, 1 + 2^-7
          float value = 1 + 0.25f / 128;
          float[] many = new float[20_000];
          Arrays.fill(many, value);
          Arrays.fill(many, 10_000, 20_000, -value);
          Tensor rounded = torch.zeros(many.length).to(ScalarType.BFloat16);
          Device.CPU.drawingFrom(
              1,
              () -> {
                AdamKernel.roundByChance(Tensors.floats(many, many.length), rounded);
                return true;
              });
          float[] results = Tensors.toFloats(rounded);
          double sum = 0;
          for (int i = 0; i < results.length; i++) {
            float size = Math.abs(results[i]);
            assertThat(size == 1 || size == 1 + 1 / 128f).isTrue();
            sum += size;
          }
          assertThat(sum / results.length).isCloseTo(value, within(1e-4));
          Tensor exact = torch.zeros(3).to(ScalarType.BFloat16);
          AdamKernel.roundByChance(Tensors.floats(new float[] {0, -2, 0.5f}, 3), exact);
          assertThat(Tensors.toFloats(exact)).containsExactly(0, -2, 0.5f);
        });
  }

  /** Steps far below half the distance between neighbours would all be lost to the nearest. */
  @Test
  void smallStepsAreNotLostAndTheMomentsAreThoseOfFloat32Weights() {
    Natives.load();
    SftConfig.Optimizer settings = new SftConfig.Optimizer(1e-4, 0.01, 0.9, 0.999, 1e-8);
    Scoped.run(
        () -> {
          Tensor start = torch.full(new long[] {64, 64}, new org.bytedeco.pytorch.Scalar(1.0));
          Tensor wide = start.clone().requires_grad_(true);
          Tensor small = start.to(ScalarType.BFloat16).requires_grad_(true);
          Tensor again = start.to(ScalarType.BFloat16).requires_grad_(true);
          try (AdamW ofWide = new AdamW(Map.of("w", wide), settings);
              AdamW ofSmall = new AdamW(Map.of("w", small), settings);
              AdamW ofAgain = new AdamW(Map.of("w", again), settings)) {
            for (int step = 0; step < 20; step++) {
              step(ofWide, wide);
              step(ofSmall, small);
              step(ofAgain, again);
            }
            AdamW.Moments moments = requireNonNull(ofSmall.moments().get("w"));
            AdamW.Moments ofFloats = requireNonNull(ofWide.moments().get("w"));
            assertThat(Tensors.toFloats(moments.second()))
                .isEqualTo(Tensors.toFloats(ofFloats.second()));
            assertThat(moments.first().scalar_type().intern()).isEqualTo(ScalarType.Float);
          }
          assertThat(mean(wide)).isCloseTo(0.998, within(1e-4));
          assertThat(mean(small)).isCloseTo(mean(wide), within(2e-4));
          assertThat(Tensors.toFloats(again)).isEqualTo(Tensors.toFloats(small));
        });
  }

  private static void step(AdamW optimizer, Tensor weight) {
    weight.mutable_grad().put(torch.ones_like(weight.detach()));
    optimizer.step(1e-4, 1);
    optimizer.clearGradients();
  }

  private static double mean(Tensor tensor) {
    double sum = 0;
    float[] values = Tensors.toFloats(tensor);
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** In bfloat16 such a sum would stand still at a few hundred times the part. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsOfManyMicroBatchesAddUpInFloat32(boolean checkpointed) {
    SftConfig config = config("none", SftConfig.BFLOAT16, SftConfig.AUTO);
    try (TrainedModel model = TrainedModel.load(config, null, ScalarType.BFloat16)) {
      Backpropagation backpropagation =
          new Backpropagation(model.replicas(1).get(0).decoder(), checkpointed);
      PackedBatch batch = PackedBatch.of(List.of(rows().row(0, 0)));
      int times = 512;
      backpropagation.run(batch, 1);
      Map<String, float[]> once = new TreeMap<>();
      graphGradients(model).forEach((name, tensor) -> once.put(name, Tensors.toFloats(tensor)));
      assertThat(once).hasSizeGreaterThan(10);
      for (int i = 1; i < times; i++) {
        backpropagation.run(batch, 1);
      }
      graphGradients(model)
          .forEach(
              (name, tensor) -> {
                assertThat(tensor.scalar_type().intern()).as(name).isEqualTo(ScalarType.Float);
                float[] part = requireNonNull(once.get(name));
                float[] expected = new float[part.length];
                for (int i = 0; i < part.length; i++) {
                  expected[i] = times * part[i];
                }
                assertThat(Tensors.toFloats(tensor)).as(name).isEqualTo(expected);
              });
    }
  }

  /** The gradients of the layers' matrices. */
  private static Map<String, Tensor> graphGradients(TrainedModel model) {
    Map<String, Tensor> gradients = new TreeMap<>();
    model
        .parameters()
        .forEach(
            (name, tensor) -> {
              if (name.contains("_proj") && tensor.dim() == 2) {
                gradients.put(name, tensor.grad());
              }
            });
    return gradients;
  }

  @Test
  void matricesAreLoadedInBfloat16AndNormsInFloat32() {
    Placement small = new Placement(Device.CPU, ScalarType.BFloat16, ScalarType.BFloat16);
    try (ModelWeights weights = ModelFiles.load(MODEL, ModelConfigJson.read(MODEL), small)) {
      weights
          .named()
          .forEach(
              (name, tensor) ->
                  assertThat(tensor.scalar_type().intern())
                      .as(name)
                      .isEqualTo(tensor.dim() < 2 ? ScalarType.Float : ScalarType.BFloat16));
    }
  }

  @Test
  void trainingLearnsSavesBfloat16AndGoesOnWithTheSameBits() {
    List<String> lines = new ArrayList<>();
    Trainer.Outcome whole = train("whole", 99, lines);
    assertThat(lines.get(0)).contains("in bfloat16 (the type of the weights)");
    assertThat(whole.lastEvaluationLoss()).isLessThan(whole.firstEvaluationLoss() - 0.05);
    Safetensors saved = Safetensors.open(whole.result().resolve("model.safetensors"));
    assertThat(saved.tensor(ModelWeights.EMBEDDING).type()).isEqualTo(TensorType.BF16);

    Trainer.Outcome half = train("halves", 3, lines);
    assertThat(half.finished()).isFalse();
    Trainer.Outcome resumed = train("halves", 99, lines);
    Safetensors savedAgain = Safetensors.open(resumed.result().resolve("model.safetensors"));
    for (String name : saved.names()) {
      assertThat(savedAgain.tensor(name).floats()).as(name).isEqualTo(saved.tensor(name).floats());
    }
  }

  @Test
  void aCheckpointOfTheOtherTypeOfWeightsIsRefused() {
    train("one", 2, new ArrayList<>());
    SftConfig wide = config("one", SftConfig.FLOAT32, "bfloat16");
    assertThatThrownBy(
            () -> new Trainer(wide, rows(), null, environment(() -> false, new ArrayList<>())))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("(weights was bfloat16, is float32)")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.RUN_REFUSED);
  }

  /** Trains, and asks to stop once so many steps are logged. */
  private Trainer.Outcome train(String output, int steps, List<String> lines) {
    SftConfig config = config(output, SftConfig.BFLOAT16, SftConfig.AUTO);
    Path log = directory.resolve(output).resolve(MetricsLog.FILE);
    Trainer.Environment environment = environment(() -> logged(log) >= steps, lines);
    try (Trainer trainer = new Trainer(config, rows(), rows(), environment)) {
      return trainer.run();
    }
  }

  private static long logged(Path log) {
    try {
      return Files.exists(log)
          ? Files.readAllLines(log).stream().filter(line -> line.contains("\"lr\"")).count()
          : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trainer.Environment environment(BooleanSupplier stop, List<String> lines) {
    return new Trainer.Environment(System::nanoTime, stop, lines::add);
  }

  private static BatchSource rows() {
    SeededRandom random = new SeededRandom(4);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int[] tokens = new int[16];
      for (int at = 0; at < tokens.length; at++) {
        tokens[at] = at % 2 == 0 ? 7 : 20 + random.nextInt(3);
      }
      rows.add(TrainingRow.single(tokens, tokens));
    }
    return BatchSource.inOrder(rows);
  }

  private SftConfig config(String output, String weights, String precision) {
    return new SftConfig(
        MODEL.toString(),
        "rows",
        null,
        directory.resolve(output).toString(),
        null,
        2.0,
        null,
        null,
        4,
        64,
        new SftConfig.Optimizer(3e-3, 0.0, 0.9, 0.999, 1e-8),
        new SftConfig.Schedule("constant", 0.0, 0),
        1.0,
        false,
        precision,
        weights,
        "cpu",
        1,
        1L,
        2,
        1,
        100,
        SftConfig.Guards.DEFAULT,
        true);
  }
}
