package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.Golden;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelFilesTest {
  @TempDir Path directory;

  private final Path base = Golden.path("models/gqa_tied");
  private String json = "";

  @BeforeEach
  void read() throws IOException {
    json = Files.readString(base.resolve("config.json"));
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> ModelConfigJson.parse(json, "config.json"))
        .isInstanceOf(CriaException.class)
        .hasMessage(message);
  }

  @Test
  void anUnsupportedArchitectureIsNamedWithThoseSupported() {
    assertRefused(
        json.replace("LlamaForCausalLM", "GemmaForCausalLM"),
        "architecture 'GemmaForCausalLM' is not supported (config.json): use a model of one of"
            + " LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM,"
            + " SmolLM3ForCausalLM, Phi3ForCausalLM");
  }

  @Test
  void aConfigurationThatIsNotComputedIsRefusedByItsKey() {
    assertRefused(
        json.replace("\"silu\"", "\"gelu\""),
        "hidden_act 'gelu' is not supported, only silu (config.json): check the file");
    assertRefused(
        json.replace("\"rope_type\": \"default\"", "\"rope_type\": \"yarn\""),
        "rope scaling 'yarn' is not supported, only default, linear and llama3 (config.json): check"
            + " the file");
    assertRefused(
        json.replace("\"hidden_size\": 64", "\"hidden_size\": null"),
        "hidden_size is missing or no integer (config.json): check the file");
    assertRefused(
        json.replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3"),
        "num_key_value_heads (3) must divide num_attention_heads (4) (config.json): check the"
            + " file");
    assertRefused(
        json.replaceFirst("\\{", "{\"partial_rotary_factor\": 0.5,"),
        "partial_rotary_factor 0.5 is not supported, only 1 (config.json): check the file");
    assertRefused(
        json.replace(
            "\"rope_type\": \"default\"",
            "\"rope_type\": \"default\", \"partial_rotary_factor\": 0.25"),
        "partial_rotary_factor 0.25 is not supported, only 1 (config.json): check the file");
    assertRefused(
        json.replaceFirst("\\{", "{\"layer_types\": [\"full_attention\", \"chunked_attention\"],"),
        "layer_types has 'chunked_attention', only full_attention in every layer is supported with"
            + " sliding_window null (config.json): check the file");
    assertThatThrownBy(() -> ModelConfigJson.parse("{", "config.json"))
        .hasMessageContaining("config.json is not valid JSON");
    assertThatThrownBy(() -> ModelConfigJson.read(directory))
        .hasMessage("there is no config.json in " + directory + ": give a model's directory");
  }

  @Test
  void aSavedModelIsReadBackBitForBitWithItsTokenizer() throws IOException {
    Path source = directory.resolve("base");
    Path target = directory.resolve("saved");
    Files.createDirectories(source.resolve("additional_chat_templates"));
    Files.writeString(source.resolve("tokenizer.json"), "{}");
    Files.writeString(source.resolve("additional_chat_templates/tool_use.jinja"), "{{ tools }}");
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config)) {
      ModelFiles.save(target, config, weights, TensorType.F32, source);
      assertThat(ModelConfigJson.read(target)).isEqualTo(config);
      assertThat(target.resolve("tokenizer.json")).hasContent("{}");
      assertThat(target.resolve("additional_chat_templates/tool_use.jinja"))
          .hasContent("{{ tools }}");
      try (ModelWeights again = ModelFiles.load(target, config)) {
        assertThat(again.named().keySet()).containsExactlyElementsOf(weights.named().keySet());
        weights
            .named()
            .forEach(
                (name, tensor) ->
                    assertThat(
                            Tensors.toFloats(
                                java.util.Objects.requireNonNull(again.named().get(name))))
                        .as(name)
                        .isEqualTo(Tensors.toFloats(tensor)));
      }
    }
    assertThat(target.resolve("model.safetensors"))
        .hasSameBinaryContentAs(base.resolve("model.safetensors"));
  }

  @Test
  void weightsOfAnotherShapeAndTruncatedWeightsAreRefused() throws IOException {
    ModelConfig config = ModelConfigJson.read(base);
    assertThatThrownBy(() -> ModelFiles.load(base, config.withVocabularySize(600)))
        .hasMessageContaining(
            "tensor model.embed_tokens.weight in "
                + base
                + " has shape [512, 64], config.json says [600, 64]");
    ModelConfig untied =
        ModelConfigJson.parse(
            json.replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false"), "c");
    assertThatThrownBy(() -> ModelFiles.load(base, untied))
        .hasMessageContaining("no tensor lm_head.weight");
    byte[] bytes = Files.readAllBytes(base.resolve("model.safetensors"));
    Files.write(
        directory.resolve("model.safetensors"), java.util.Arrays.copyOf(bytes, bytes.length - 100));
    assertThatThrownBy(() -> ModelFiles.load(directory, config))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("truncated");
  }
}
