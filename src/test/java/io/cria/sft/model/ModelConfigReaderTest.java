package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys that differ between the configurations of published models, as they stand there. */
final class ModelConfigReaderTest {
  private static ModelConfig read(String architecture, String keys) {
    return ModelConfigJson.parse(
        """
        {"architectures": ["%sForCausalLM"], "vocab_size": 100, "hidden_size": 64, "intermediate_size": 96,
         "num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2,
         "max_position_embeddings": 32768, %s}"""
            .formatted(architecture, keys),
        "config.json");
  }

  private static void assertRefused(String architecture, String keys, String message) {
    assertThatThrownBy(() -> read(architecture, keys))
        .hasMessage(message + " (config.json): check the file");
  }

  private static String numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> "1." + i).collect(Collectors.joining(", "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "none",
      value = {
        "\"sliding_window\": 4096, \"rope_theta\": 10000.0; 4096",
        "\"sliding_window\": null, \"rope_theta\": 1000000.0; none",
        "\"sliding_window\": null, \"head_dim\": null, \"rope_theta\": 1000000.0; none",
        "\"rope_theta\": 10000.0; 4096",
      })
  void mistralHasAWindowUnlessItSaysNone(String keys, Integer window) {
    ModelConfig config = read("Mistral", keys);
    assertThat(config.slidingWindow()).isEqualTo(window);
    assertThat(config.headDimension()).isEqualTo(16);
    assertThat(config.queryKeyValueBias()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "none",
      value = {
        "\"use_sliding_window\": false, \"sliding_window\": 131072, \"max_window_layers\": 28; none",
        "\"use_sliding_window\": false, \"sliding_window\": null, \"layer_types\": [\"full_attention\"]; none",
        "\"use_sliding_window\": true, \"sliding_window\": 32, \"max_window_layers\": 28; none",
        "\"use_sliding_window\": true, \"sliding_window\": 32; none",
        "\"use_sliding_window\": true, \"sliding_window\": 32, \"max_window_layers\": 0; 32",
        "\"use_sliding_window\": true, \"sliding_window\": 32, \"layer_types\": [\"full_attention\"]; none",
        "\"use_sliding_window\": true, \"sliding_window\": 32, \"layer_types\": [\"sliding_attention\"]; 32",
      })
  void qwensWindowHoldsFromALayerOn(String keys, Integer window) {
    assertThat(read("Qwen2", keys).slidingWindow()).isEqualTo(window);
    assertThat(read("Qwen3", keys).slidingWindow()).isEqualTo(window);
    assertThat(read("Qwen2", keys).queryKeyValueBias()).isTrue();
    assertThat(read("Qwen2", keys).outputBias()).isFalse();
  }

  @Test
  void aWindowInSomeLayersIsRefused() {
    assertRefused(
        "Qwen3",
        "\"use_sliding_window\": true, \"sliding_window\": 32, \"max_window_layers\": 4",
        "a sliding window in some layers only (max_window_layers) is not supported");
    assertRefused(
        "Qwen3",
        "\"use_sliding_window\": true, \"sliding_window\": 32,"
            + " \"layer_types\": [\"sliding_attention\", \"full_attention\"]",
        "layer_types has 'full_attention', only sliding_attention in every layer is supported with"
            + " sliding_window 32");
    assertRefused(
        "SmolLM3",
        "\"use_sliding_window\": true, \"sliding_window\": 32",
        "use_sliding_window true, a window in some layers only, is not supported");
  }

  @Test
  void qwen3HasNormsOfItsHeadsAndAHeadSizeOfItsOwn() {
    ModelConfig config =
        read("Qwen3", "\"attention_bias\": false, \"tie_word_embeddings\": true, \"head_dim\": 32");
    assertThat(config.queryKeyNorm()).isTrue();
    assertThat(config.queryKeyValueBias()).isFalse();
    assertThat(config.outputBias()).isFalse();
    assertThat(config.headDimension()).isEqualTo(32);
    assertThat(read("Qwen3", "\"attention_bias\": true").headDimension()).isEqualTo(128);
    assertThat(read("Qwen3", "\"attention_bias\": true").outputBias()).isTrue();
    assertThat(read("Qwen2", "\"head_dim\": null").queryKeyNorm()).isFalse();
  }

  @Test
  void smolLm3TurnsNothingInSomeLayersAndTiesUnlessItSaysOtherwise() {
    ModelConfig config = read("SmolLM3", "\"no_rope_layers\": [1, 1, 1, 0, 1, 1, 0, 0, 0]");
    assertThat(config.rotary().unturnedLayers()).containsExactlyInAnyOrder(3, 6, 7);
    assertThat(config.tiedEmbeddings()).isTrue();
    assertThat(config.rotary().theta()).isEqualTo(2e6);
    assertThat(read("SmolLM3", "\"no_rope_layers\": null").rotary().unturnedLayers())
        .containsExactlyInAnyOrder(3, 7);
    assertThat(read("SmolLM3", "\"no_rope_layer_interval\": 3").rotary().unturnedLayers())
        .containsExactlyInAnyOrder(2, 5);
    assertThat(read("SmolLM3", "\"tie_word_embeddings\": false").tiedEmbeddings()).isFalse();
    assertThat(read("Llama", "\"no_rope_layers\": [0]").rotary().unturnedLayers()).isEmpty();
    assertRefused(
        "SmolLM3", "\"no_rope_layers\": [1, 0]", "no_rope_layers has 2 numbers for 8 layers");
    assertRefused(
        "SmolLM3",
        "\"no_rope_layer_interval\": 0",
        "no_rope_layer_interval must be at least 1, not 0");
  }

  @Test
  void phi3HasJointProjectionsAndMayTurnAPartOfEachHead() {
    ModelConfig small = read("Phi3", "\"sliding_window\": 2047, \"rope_scaling\": null");
    assertThat(small.jointProjections()).isTrue();
    assertThat(small.slidingWindow()).isEqualTo(2047);
    assertThat(small.normEpsilon()).isEqualTo(1e-5);
    assertThat(small.contextLength()).isEqualTo(32768);
    assertThat(small.rotary()).isEqualTo(RotaryConfig.whole(16, 10_000, RopeScaling.NONE));
    assertThat(read("Phi3", "\"partial_rotary_factor\": 0.75").rotary().dimension()).isEqualTo(12);
    assertRefused(
        "Phi3",
        "\"partial_rotary_factor\": 0.7",
        "the values of a head that positions turn must be even and at least 2, not 11");
  }

  @ParameterizedTest
  @ValueSource(strings = {"longrope", "su", "yarn"})
  void longRopeIsComputedUpToTheOriginalLength(String type) {
    ModelConfig config =
        read(
            "Phi3",
            "\"original_max_position_embeddings\": 4096, \"rope_scaling\": {\"type\": \""
                + type
                + "\", \"short_factor\": ["
                + numbers(8)
                + "], \"long_factor\": ["
                + numbers(8)
                + "]}");
    RopeScaling scaling = config.rotary().scaling();
    assertThat(config.contextLength()).isEqualTo(4096);
    assertThat(scaling.extendedLength()).isEqualTo(32768);
    assertThat(scaling.factor()).isEqualTo(8);
    assertThat(scaling.attentionFactor())
        .isCloseTo(Math.sqrt(1 + Math.log(8) / Math.log(4096)), within(1e-12));
    String written = ModelConfigJson.write(config, "bfloat16");
    assertThat(written)
        .contains("\"max_position_embeddings\" : 32768", "\"type\" : \"longrope\"")
        .doesNotContain("\"attention_factor\"", "\"factor\"");
    assertThat(ModelConfigJson.parse(written, "written")).isEqualTo(config);
  }

  @Test
  void longRopesOwnFactorsAreKept() {
    ModelConfig config =
        read(
            "Phi3",
            "\"rope_parameters\": {\"rope_type\": \"longrope\", \"factor\": 2.0,"
                + " \"attention_factor\": 1.5, \"original_max_position_embeddings\": 1024,"
                + " \"short_factor\": ["
                + numbers(8)
                + "], \"long_factor\": ["
                + numbers(8)
                + "]}");
    assertThat(config.rotary().scaling().attentionFactor()).isEqualTo(1.5);
    assertThat(config.contextLength()).isEqualTo(1024);
    assertThat(ModelConfigJson.parse(ModelConfigJson.write(config, "float32"), "written"))
        .isEqualTo(config);
  }

  @Test
  void ofTwoDescriptionsOfTheRotaryPositionsRopeScalingCounts() {
    String parameters =
        "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 4.0, \"rope_theta\": 5000.0}";
    String scaling = "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0%s}";
    assertThat(read("Llama", parameters + ", " + scaling.formatted("")).rotary())
        .isEqualTo(RotaryConfig.whole(16, 10_000, RopeScaling.linear(2)));
    assertThat(
            read("Llama", parameters + ", " + scaling.formatted(", \"rope_theta\": 3000.0"))
                .rotary())
        .isEqualTo(RotaryConfig.whole(16, 3_000, RopeScaling.linear(2)));
    assertThat(read("Llama", parameters + ", \"rope_theta\": 7000.0").rotary())
        .isEqualTo(RotaryConfig.whole(16, 5_000, RopeScaling.linear(4)));
  }

  @Test
  void aMissingNumberOfKeyValueHeadsIsTheClasss() {
    String config =
        """
        {"architectures": ["%sForCausalLM"], "vocab_size": 100, "hidden_size": 64,
         "intermediate_size": 96, "num_hidden_layers": 8, "num_attention_heads": 16,
         "max_position_embeddings": 512}""";
    assertThat(ModelConfigJson.parse(config.formatted("Llama"), "x").keyValueHeads()).isEqualTo(16);
    assertThat(ModelConfigJson.parse(config.formatted("Mistral"), "x").keyValueHeads())
        .isEqualTo(8);
    assertThat(ModelConfigJson.parse(config.formatted("SmolLM3"), "x").keyValueHeads())
        .isEqualTo(4);
    assertThatThrownBy(() -> ModelConfigJson.parse(config.formatted("Qwen3"), "x"))
        .hasMessageContaining(
            "num_key_value_heads (32) must divide num_attention_heads (16) (x): check the file");
  }

  @Test
  void otherScalingsAreRefused() {
    assertRefused(
        "Phi3",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}",
        "rope scaling 'linear' is not supported, only default and longrope");
    assertRefused(
        "Qwen3",
        "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0}",
        "rope scaling 'yarn' is not supported, only default, linear and llama3");
    assertRefused(
        "Phi3",
        "\"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1.0], \"long_factor\": []}",
        "short_factor and long_factor must have 8 numbers each, one for two turned values, not 1"
            + " and 0");
    assertRefused(
        "SmolLM3",
        "\"partial_rotary_factor\": 0.5",
        "partial_rotary_factor 0.5 is not supported, only 1");
  }
}
