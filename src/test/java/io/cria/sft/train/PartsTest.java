package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.Golden;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartsTest {
  @Test
  void schedulesRiseToThePeakAndEndAsNamed() {
    LearningRate cosine = new LearningRate("cosine", 1, 4, 12);
    assertThat(cosine.at(0)).isZero();
    assertThat(cosine.at(2)).isEqualTo(0.5);
    assertThat(cosine.at(4)).isEqualTo(1);
    assertThat(cosine.at(8)).isCloseTo(0.5, within(1e-15));
    assertThat(cosine.at(12)).isZero();
    LearningRate linear = new LearningRate("linear", 2, 0, 8);
    assertThat(linear.at(0)).isEqualTo(2);
    assertThat(linear.at(6)).isEqualTo(0.5);
    LearningRate constant = new LearningRate("constant", 3, 1, 8);
    assertThat(constant.at(0)).isZero();
    assertThat(constant.at(7)).isEqualTo(3);
    assertThat(new LearningRate("cosine", 1, 5, 5).at(5)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cosine", "linear", "constant"})
  void theOnlyStepLearnsAndMoreStepsBeginAtNothingAsPublished(String kind) {
    assertThat(new LearningRate(kind, 2, 1, 1).at(0)).isEqualTo(2);
    assertThat(new LearningRate(kind, 2, 0, 1).at(0)).isEqualTo(2);
    LearningRate warmUpAlone = new LearningRate(kind, 2, 2, 2);
    assertThat(warmUpAlone.at(0)).isZero();
    assertThat(warmUpAlone.at(1)).isEqualTo(1);
  }

  @Test
  void guardsSkipWhatIsNotFiniteAndWhatJumps() {
    LossGuard guard = new LossGuard(new SftConfig.Guards(3.0, 3, 1));
    assertThat(guard.judge(50, 1)).isEmpty();
    assertThat(guard.judge(2, 1)).isEmpty();
    assertThat(guard.judge(2, 1)).isEmpty();
    assertThat(guard.judge(6.1, 1)).contains(LossGuard.SPIKE);
    assertThat(guard.gaveUp()).isFalse();
    assertThat(guard.judge(Double.NaN, 1)).contains(LossGuard.NOT_FINITE);
    assertThat(guard.gaveUp()).isTrue();
    assertThat(guard.judge(5.9, 1)).isEmpty();
    assertThat(guard.gaveUp()).isFalse();
    assertThat(guard.judge(1, Double.POSITIVE_INFINITY)).contains(LossGuard.NOT_FINITE);
    assertThat(guard.losses()).containsExactly(2.0, 2.0, 5.9);
  }

  @Test
  void bfloat16IsChosenOnlyWhereItIsFaster() {
    assertThat(Precision.choose(100e9, 240e9))
        .isEqualTo(
            new Precision(
                ScalarType.BFloat16, "products run at 240 GFLOP/s in bfloat16 and 100 in float32"));
    assertThat(Precision.choose(140e9, 80e9).word()).isEqualTo("float32");
    assertThat(Precision.of("bfloat16").type()).isEqualTo(ScalarType.BFloat16);
  }

  @Test
  void bfloat16StaysCloseToFloat32WithFloat32Gradients() {
    JsonNode golden = Golden.json("models/gqa_tied/golden.json");
    PackedBatch batch =
        PackedBatch.of(Golden.rows(Golden.tensors("models/gqa_tied/golden.safetensors"), "", 0));
    var decoder = Golden.decoder("gqa_tied", true, ScalarType.BFloat16);
    double loss = new Backpropagation(decoder, false).run(batch, 1.0 / 38) / 38;
    // Two bfloat16 runs of the reference itself lie up to 3e-3 from float32.
    assertThat(loss)
        .isCloseTo(golden.path("loss").asDouble(), within(1e-2))
        .isNotEqualTo(golden.path("loss").asDouble());
    decoder
        .weights()
        .named()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.grad().scalar_type().intern())
                    .as(name)
                    .isEqualTo(ScalarType.Float));
    double norm = GradientNorm.of(decoder.weights().named().values());
    assertThat(norm / golden.path("grad_norm").asDouble()).isCloseTo(1, within(0.02));
  }

  @Test
  void rowsAreSplitByTokensAndTargetsStayInsideSegments() {
    TrainingRow first =
        new TrainingRow(new int[] {1, 2, 3, 4}, new int[] {1, 2, -100, 4}, new int[] {2, 2});
    TrainingRow second = TrainingRow.single(new int[] {5, 6, 7}, new int[] {-100, -100, 7});
    assertThat(first.targets()).isEqualTo(2);
    PackedBatch whole = PackedBatch.of(List.of(first, second));
    assertThat(whole.positions()).containsExactly(0, 1, 0, 1, 0, 1, 2);
    assertThat(whole.predicting()).containsExactly(0, 2, 5);
    assertThat(whole.targets()).containsExactly(2, 4, 7);
    assertThat(PackedBatch.split(List.of(first, second, second), 6)).hasSize(2);
    assertThat(PackedBatch.split(List.of(first, second, second), 3)).hasSize(3);
    assertThatThrownBy(() -> new TrainingRow(new int[] {1, 2}, new int[] {1, 2}, new int[] {1}))
        .hasMessage("segments of 1 tokens in a row of 2");
  }

  @Test
  void aTargetThatDoesNotExistIsRefusedWithThoseThatDo() {
    Path base = Golden.path("models/gqa_tied");
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config)) {
      SftConfig.Lora lora = new SftConfig.Lora(4, 8.0, 0.0, List.of("q_proj", "w1"), true);
      assertThatThrownBy(() -> LoraAdapter.create(weights, lora, 1))
          .isInstanceOf(CriaException.class)
          .hasMessage(
              "lora target 'w1' does not exist (lora.targets): use all-linear or some of down_proj, gate_proj, k_proj, o_proj,"
                  + " q_proj, up_proj, v_proj");
    }
  }

  @Test
  void anAdapterOfAnotherKindOrModelIsRefused(@TempDir Path directory) throws IOException {
    Path base = Golden.path("models/gqa_tied");
    ModelConfig config = ModelConfigJson.read(base);
    String json = Files.readString(Golden.path("lora/qv/adapter/adapter_config.json"));
    Files.copy(
        Golden.path("lora/qv/adapter/adapter_model.safetensors"),
        directory.resolve("adapter_model.safetensors"));
    try (ModelWeights weights = ModelFiles.load(base, config)) {
      Files.writeString(
          directory.resolve("adapter_config.json"),
          json.replace("\"use_dora\": false", "\"use_dora\": true"));
      assertThatThrownBy(() -> LoraFiles.load(directory, weights))
          .hasMessageContaining("use_dora: true, which is not supported");
      Files.writeString(
          directory.resolve("adapter_config.json"), json.replace("\"r\": 4", "\"r\": 8"));
      assertThatThrownBy(() -> LoraFiles.load(directory, weights))
          .hasMessageContaining("has shape [4, 64], expected [8, 64]");
      Files.writeString(directory.resolve("adapter_config.json"), json.replace("LORA", "IA3"));
      assertThatThrownBy(() -> LoraFiles.load(directory, weights))
          .hasMessageContaining("describes an adapter of type IA3, and LORA is read");
      Files.writeString(
          directory.resolve("adapter_config.json"), json.replace("lora_alpha", "alpha"));
      assertThatThrownBy(() -> LoraFiles.load(directory, weights))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("adapter_config.json has no lora_alpha above 0");
      Files.writeString(
          directory.resolve("adapter_config.json"),
          json.replaceFirst("\"lora_dropout\": [0-9.]+", "\"lora_dropout\": 1.0"));
      assertThatThrownBy(() -> LoraFiles.load(directory, weights))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("has lora_dropout 1.0, which lies outside [0, 1)");
    }
  }

  @Test
  void metricsOfStepsThatAreMadeAgainGo(@TempDir Path directory) throws IOException {
    try (MetricsLog log = new MetricsLog(directory, 0)) {
      for (int step = 1; step <= 4; step++) {
        log.write(MetricsLog.line(step).put("loss", step / 2.0));
      }
    }
    Path file = directory.resolve("metrics.jsonl");
    Files.writeString(file, Files.readString(file) + "{\"step\":5,\"lo");
    try (MetricsLog log = new MetricsLog(directory, 3)) {
      log.write(MetricsLog.line(4).put("loss", 9));
    }
    assertThat(file)
        .hasContent(
            "{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":1.0}\n{\"step\":3,\"loss\":1.5}\n{\"step\":4,\"loss\":9}\n");
  }
}
