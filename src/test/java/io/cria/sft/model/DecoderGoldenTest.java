package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.Golden;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import java.nio.file.Files;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DecoderGoldenTest {
  @SuppressWarnings("UnusedVariable")
  private static final java.util.List<String> MODELS = Golden.MODELS;

  @ParameterizedTest
  @FieldSource("MODELS")
  void everyHiddenStateAndLogitIsThatOfTheReference(String model) {
    Decoder decoder = Golden.decoder(model, false);
    Safetensors golden = Golden.tensors("models/" + model + "/golden.safetensors");
    long[] mask = golden.tensor("attention_mask").longs();
    Scoped.withoutGradients(
        () -> {
          Tensor ids = Golden.tensor(golden.tensor("input_ids")); // (3,24)
          Tensor positions =
              torch
                  .arange(new org.bytedeco.pytorch.Scalar(24), new TensorOptions(ScalarType.Long))
                  .expand(3, 24);
          Attention causal = new MaskedAttention(seen(decoder.config().slidingWindow()));
          Rotary.Angles angles = decoder.angles(positions);
          Tensor x = decoder.embed(ids);
          for (int i = 0; i < decoder.config().layers(); i++) {
            assertAttended("hidden.in." + i, x, golden, mask);
            x = decoder.layer(i, x, angles, causal, false);
          }
          assertAttended("hidden.pre_norm", x, golden, mask);
          Tensor last = decoder.finalNorm(x);
          assertAttended("hidden.last", last, golden, mask);
          assertAttended("logits", decoder.logits(last), golden, mask);
          return true;
        });
  }

  /** (1,1,24,24): the tokens before and including one's own, as far as the window reaches. */
  private static Tensor seen(@Nullable Integer window) {
    Tensor before =
        torch.ones(new long[] {1, 1, 24, 24}, new TensorOptions(ScalarType.Bool)).tril();
    return window == null ? before : before.triu(1L - window);
  }

  private static void assertAttended(String name, Tensor actual, Safetensors golden, long[] mask) {
    float[] expected = golden.tensor(name).floats();
    float[] values = Tensors.toFloats(actual);
    int width = expected.length / mask.length;
    for (int i = 0; i < expected.length; i++) {
      if (mask[i / width] == 0) {
        values[i] = expected[i];
      }
    }
    Golden.assertClose(name, values, expected, Golden.LOGITS, 0);
  }

  @Test
  void aPackedRowIsThatOfTheReferenceBothByBlocksAndByMask() {
    Decoder decoder = Golden.decoder("gqa_tied", false);
    Safetensors golden = Golden.tensors("packed/golden.safetensors");
    Scoped.withoutGradients(
        () -> {
          Tensor ids = Golden.tensor(golden.tensor("input_ids"));
          Tensor positions = Golden.tensor(golden.tensor("position_ids"));
          Tensor allowed =
              Golden.tensor(golden.tensor("allowed")).to(ScalarType.Bool).view(1, 1, 30, 30);
          float[] expected = golden.tensor("logits").floats();
          Tensor masked =
              decoder.logits(decoder.hidden(ids, positions, new MaskedAttention(allowed)));
          Golden.assertClose(
              "logits by mask", Tensors.toFloats(masked), expected, Golden.LOGITS, 0);
          Tensor packed =
              decoder.logits(
                  decoder.hidden(ids, positions, new PackedAttention(new int[] {9, 14, 7}, null)));
          Golden.assertClose(
              "logits by blocks", Tensors.toFloats(packed), expected, Golden.LOGITS, 0);
          Golden.assertClose(
              "logits of separate runs",
              Tensors.toFloats(packed),
              golden.tensor("logits_separate").floats(),
              Golden.LOGITS,
              0);
          return true;
        });
  }

  @Test
  void aSlidingWindowHidesWhatLiesBeforeIt() {
    Decoder decoder = Golden.decoder("gqa_tied", false);
    Safetensors golden = Golden.tensors("packed/golden.safetensors");
    Scoped.withoutGradients(
        () -> {
          Tensor ids = Golden.tensor(golden.tensor("input_ids"));
          Tensor positions = Golden.tensor(golden.tensor("position_ids"));
          Tensor allowed =
              Golden.tensor(golden.tensor("allowed"))
                  .to(ScalarType.Bool)
                  .triu(-4)
                  .view(1, 1, 30, 30);
          Tensor masked = decoder.hidden(ids, positions, new MaskedAttention(allowed));
          Tensor packed =
              decoder.hidden(ids, positions, new PackedAttention(new int[] {9, 14, 7}, 5));
          Golden.assertClose(
              "hidden", Tensors.toFloats(packed), Tensors.toFloats(masked), Golden.LOGITS, 0);
          Tensor open =
              decoder.hidden(ids, positions, new PackedAttention(new int[] {9, 14, 7}, null));
          assertThat(open.sub(packed).abs().max().item_float()).isGreaterThan(0.1f);
          return true;
        });
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void theInverseFrequenciesAreThoseOfTheReference(String model) {
    Rotary rotary = Rotary.of(ModelConfigJson.read(Golden.path("models/" + model)));
    StoredTensor expected =
        Golden.tensors("models/" + model + "/golden.safetensors").tensor("inv_freq");
    Golden.assertClose(
        "inv_freq", Tensors.toFloats(rotary.inverseFrequencies()), expected.floats(), 0, 2e-7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama31_8b", "llama32_1b", "smollm2_135m", "linear4"})
  void theRotaryTablesAreThoseOfTheReference(String name) {
    var setting = Golden.json("models/rope_tables.json").path(name);
    Safetensors golden = Golden.tensors("models/rope_tables.safetensors");
    var parameters = setting.path("rope_parameters");
    RopeScaling scaling =
        switch (parameters.path("rope_type").asText()) {
          case "llama3" ->
              RopeScaling.llama3(
                  parameters.path("factor").asDouble(),
                  parameters.path("low_freq_factor").asDouble(),
                  parameters.path("high_freq_factor").asDouble(),
                  parameters.path("original_max_position_embeddings").asInt());
          case "linear" -> RopeScaling.linear(parameters.path("factor").asDouble());
          default -> RopeScaling.NONE;
        };
    int dimension = setting.path("head_dim").asInt();
    Rotary rotary =
        Rotary.of(RotaryConfig.whole(dimension, parameters.path("rope_theta").asDouble(), scaling));
    Golden.assertClose(
        "inv_freq",
        Tensors.toFloats(rotary.inverseFrequencies()),
        golden.tensor(name + ".inv_freq").floats(),
        0,
        2e-7);
    Scoped.run(
        () -> {
          long[] positions = new long[setting.path("positions").size()];
          for (int i = 0; i < positions.length; i++) {
            positions[i] = setting.path("positions").get(i).asLong();
          }
          Rotary.Angles angles =
              rotary.angles(Tensors.longs(positions, 1, positions.length), ScalarType.Float);
          assertTable(name + ".cos", angles.cosines(), golden, positions, dimension);
          assertTable(name + ".sin", angles.sines(), golden, positions, dimension);
        });
  }

  /** The reference repeats the table for the second half of the dimensions. */
  private static void assertTable(
      String name, Tensor half, Safetensors golden, long[] positions, int dimension) {
    float[] actual = Tensors.toFloats(half);
    float[] expected = golden.tensor(name).floats();
    for (int p = 0; p < positions.length; p++) {
      for (int i = 0; i < dimension; i++) {
        // A float32 angle is good to half a unit in its last place.
        double limit = 2e-6 + positions[p] * 1.2e-7;
        assertThat((double) actual[p * dimension / 2 + i % (dimension / 2)])
            .as("%s at position %d, dimension %d", name, positions[p], i)
            .isCloseTo(expected[p * dimension + i], org.assertj.core.data.Offset.offset(limit));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void bothWordingsOfTheConfigurationAreTheSameModel(String model) throws java.io.IOException {
    ModelConfig config = ModelConfigJson.read(Golden.path("models/" + model));
    String older = Files.readString(Golden.path("models/" + model + "/config_v4.json"));
    assertThat(ModelConfigJson.parse(older, "config_v4.json")).isEqualTo(config);
    assertThat(ModelConfigJson.parse(ModelConfigJson.write(config, "float32"), "written"))
        .isEqualTo(config);
  }
}
