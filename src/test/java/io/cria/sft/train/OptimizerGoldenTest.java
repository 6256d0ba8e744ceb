package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.Golden;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.PackedAttention;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptimizerGoldenTest {
  @Test
  void tenStepsWithScheduleAndClippingEndWhereTheReferenceEnds() {
    Decoder decoder = train();
    Safetensors expected = Golden.tensors("train/params_final.safetensors");
    decoder
        .weights()
        .named()
        .forEach(
            (name, tensor) ->
                Golden.assertClose(
                    name,
                    Tensors.toFloats(tensor),
                    expected.tensor(name).floats(),
                    Golden.PARAMETERS,
                    0));
    Safetensors batch = Golden.tensors("models/gqa_tied/golden.safetensors");
    double loss =
        new Backpropagation(decoder, false).loss(PackedBatch.of(Golden.rows(batch, "", 0))) / 38;
    assertThat(loss)
        .isCloseTo(
            Golden.json("train/steps.json").path("loss_of_model_batch_after").asDouble(),
            within(Golden.LOSS));
  }

  private static Decoder train() {
    Decoder decoder = Golden.decoder("gqa_tied", true);
    JsonNode golden = Golden.json("train/steps.json");
    Safetensors batches = Golden.tensors("train/batches.safetensors");
    LearningRate rate = new LearningRate("cosine", 1e-3, 3, 10);
    Backpropagation backpropagation = new Backpropagation(decoder, false);
    Map<String, Tensor> parameters = decoder.weights().named();
    try (AdamW optimizer =
        new AdamW(parameters, new SftConfig.Optimizer(1e-3, 0.1, 0.9, 0.999, 1e-8))) {
      for (int i = 0; i < 10; i++) {
        JsonNode expected = golden.path("steps").get(i);
        int targets = expected.path("valid_targets").asInt();
        double loss =
            backpropagation.run(PackedBatch.of(Golden.rows(batches, "", i)), 1.0 / targets)
                / targets;
        double norm = GradientNorm.of(parameters.values());
        assertThat(loss)
            .as("loss of step %d", i)
            .isCloseTo(expected.path("loss").asDouble(), within(Golden.LOSS));
        assertThat(norm / expected.path("grad_norm_before_clip").asDouble())
            .as("norm of step %d", i)
            .isCloseTo(1, within(Golden.NORM));
        assertThat(rate.at(i)).isCloseTo(expected.path("lr").asDouble(), within(1e-15));
        optimizer.step(rate.at(i), GradientNorm.clipFactor(norm, 1.0));
        optimizer.clearGradients();
        if (i == 1) {
          assertStepOne(parameters);
        }
      }
      assertMoments(optimizer);
    }
    return decoder;
  }

  private static void assertStepOne(Map<String, Tensor> parameters) {
    if (!io.cria.testing.Fixtures.has("golden/llama/train/params_after_step1.safetensors")) {
      return;
    }
    Safetensors expected = Golden.tensors("train/params_after_step1.safetensors");
    parameters.forEach(
        (name, tensor) ->
            Golden.assertClose(
                name,
                Tensors.toFloats(tensor),
                expected.tensor(name).floats(),
                Golden.PARAMETERS,
                0));
  }

  private static void assertMoments(AdamW optimizer) {
    if (!io.cria.testing.Fixtures.has("golden/llama/train/optimizer_final.safetensors")) {
      return;
    }
    Safetensors expected = Golden.tensors("train/optimizer_final.safetensors");
    optimizer
        .moments()
        .forEach(
            (name, moments) -> {
              Golden.assertClose(
                  "exp_avg." + name,
                  Tensors.toFloats(moments.first()),
                  expected.tensor("exp_avg." + name).floats(),
                  2e-6,
                  1e-5);
              Golden.assertClose(
                  "exp_avg_sq." + name,
                  Tensors.toFloats(moments.second()),
                  expected.tensor("exp_avg_sq." + name).floats(),
                  1e-8,
                  1e-4);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"qv", "all_linear"})
  void anAdapterComputesLearnsAndMergesAsTheReference(String variant, @TempDir Path directory) {
    Path base = Golden.path("models/gqa_tied");
    ModelConfig config = ModelConfigJson.read(base);
    ModelWeights weights = ModelFiles.load(base, config);
    LoraAdapter adapter = LoraFiles.load(Golden.path("lora/" + variant + "/adapter"), weights);
    assertThat(adapter.named().values()).noneMatch(Tensor::requires_grad);
    adapter.named().values().forEach(tensor -> tensor.requires_grad_(true));
    JsonNode golden = Golden.json("lora/" + variant + "/golden.json");
    Safetensors expected = Golden.tensors("lora/" + variant + "/golden.safetensors");
    long trainable = adapter.named().values().stream().mapToLong(Tensor::numel).sum();
    assertThat(trainable).isEqualTo(golden.path("trainable").asLong());
    Decoder decoder =
        new Decoder(config, adapter.attach(weights), Rotary.of(config), ScalarType.Float);
    PackedBatch batch =
        PackedBatch.of(Golden.rows(Golden.tensors("models/gqa_tied/golden.safetensors"), "", 0));

    Backpropagation backpropagation = new Backpropagation(decoder, false);
    double loss = backpropagation.run(batch, 1.0 / 38) / 38;
    assertThat(loss).isCloseTo(golden.path("loss").asDouble(), within(Golden.LOSS));
    adapter
        .named()
        .forEach(
            (name, tensor) ->
                Golden.assertGradient(
                    name, tensor, expected.tensor("grad.base_model.model." + name)));
    assertThat(weights.named().values()).noneMatch(tensor -> tensor.grad().defined());
    assertLogits(decoder, batch, expected);

    merge(base, config, adapter, batch, loss, variant);

    trainFiveSteps(golden, adapter, backpropagation);
    adapter
        .named()
        .forEach(
            (name, tensor) ->
                Golden.assertClose(
                    name,
                    Tensors.toFloats(tensor),
                    expected.tensor("final.base_model.model." + name).floats(),
                    Golden.PARAMETERS,
                    0));

    LoraFiles.save(directory, adapter, "base");
    LoraAdapter again = LoraFiles.load(directory, weights);
    assertThat(again.named().keySet())
        .containsExactlyInAnyOrderElementsOf(adapter.named().keySet());
    again
        .named()
        .forEach(
            (name, tensor) ->
                assertThat(Tensors.toFloats(tensor))
                    .isEqualTo(
                        Tensors.toFloats(Objects.requireNonNull(adapter.named().get(name)))));
  }

  /** Compares every token that the batch's mask lets through; the others are not computed. */
  private static void assertLogits(Decoder decoder, PackedBatch batch, Safetensors expected) {
    StoredTensor all = expected.tensor("logits"); // (B,T,V)
    int width = Math.toIntExact(all.shape()[2]);
    float[] values = all.floats();
    long[] mask =
        Golden.tensors("models/gqa_tied/golden.safetensors").tensor("attention_mask").longs();
    int count = batch.tokens().length;
    float[] real = new float[count * width];
    int at = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] != 0) {
        System.arraycopy(values, i * width, real, at++ * width, width);
      }
    }
    assertThat(at).isEqualTo(count);
    float[] logits =
        Scoped.withoutGradients(
            () ->
                Tensors.toFloats(
                    decoder.logits(
                        decoder.hidden(
                            Tensors.longs(batch.tokens(), 1, count),
                            Tensors.longs(batch.positions(), 1, count),
                            new PackedAttention(batch.segmentLengths(), null)))));
    Golden.assertClose("logits", logits, real, Golden.LOGITS, 0);
  }

  private static void trainFiveSteps(
      JsonNode golden, LoraAdapter adapter, Backpropagation backpropagation) {
    Safetensors batches = Golden.tensors("train/batches.safetensors");
    JsonNode counts = Golden.json("train/steps.json").path("steps");
    try (AdamW optimizer =
        new AdamW(adapter.named(), new SftConfig.Optimizer(5e-3, 0.0, 0.9, 0.999, 1e-8))) {
      optimizer.clearGradients();
      for (int i = 0; i < 5; i++) {
        int targets = counts.get(i).path("valid_targets").asInt();
        JsonNode step = golden.path("training").path("steps").get(i);
        double loss =
            backpropagation.run(PackedBatch.of(Golden.rows(batches, "", i)), 1.0 / targets)
                / targets;
        double norm = GradientNorm.of(adapter.named().values());
        assertThat(loss).isCloseTo(step.path("loss").asDouble(), within(Golden.LOSS));
        assertThat(norm / step.path("grad_norm_before_clip").asDouble())
            .isCloseTo(1, within(Golden.NORM));
        optimizer.step(5e-3, GradientNorm.clipFactor(norm, 1.0));
        optimizer.clearGradients();
      }
    }
  }

  private static void merge(
      Path base,
      ModelConfig config,
      LoraAdapter adapter,
      PackedBatch batch,
      double loss,
      String variant) {
    ModelWeights merged = ModelFiles.load(base, config);
    adapter.mergeInto(merged);
    Decoder decoder = new Decoder(config, merged, Rotary.of(config), ScalarType.Float);
    assertThat(new Backpropagation(decoder, false).loss(batch) / 38)
        .isCloseTo(loss, within(Golden.LOSS));
    if (io.cria.testing.Fixtures.has(
        "golden/llama/lora/" + variant + "/merged/model.safetensors")) {
      Safetensors expected = Golden.tensors("lora/" + variant + "/merged/model.safetensors");
      List<String> names = new ArrayList<>(merged.named().keySet());
      assertThat(expected.names()).containsExactlyInAnyOrderElementsOf(names);
      merged
          .named()
          .forEach(
              (name, tensor) ->
                  Golden.assertClose(
                      name, Tensors.toFloats(tensor), expected.tensor(name).floats(), 1e-6, 0));
    }
  }
}
