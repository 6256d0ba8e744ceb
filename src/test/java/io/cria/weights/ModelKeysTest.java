package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values beside the keys are those of transformers 5.24's classes. */
final class ModelKeysTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private static ModelKeys keys(String modelType, String json) throws JsonProcessingException {
    return new ModelKeys(JSON.readTree(json.replace('\'', '"')), modelType);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | default | 10000 | 0",
        "{'rope_theta': 7000.0} | default | 7000 | 0",
        "{'rope_theta': 7000.0, 'rope_parameters': {}} | default | 7000 | 0",
        "{'rope_scaling': {'rope_type': 'linear', 'factor': 2.0}} | linear | 10000 | 2",
        "{'rope_theta': 7000.0, 'rope_scaling': {'type': 'linear', 'factor': 2.0}}"
            + " | linear | 7000 | 2",
        "{'rope_theta': 7000.0, 'rope_scaling': {'type': 'linear', 'rope_type': 'default'}}"
            + " | default | 7000 | 0",
        "{'rope_scaling': {'rope_type': 'linear', 'factor': 2.0, 'rope_theta': 3000.0}}"
            + " | linear | 3000 | 2",
        "{'rope_theta': 7000.0,"
            + " 'rope_scaling': {'rope_type': 'linear', 'factor': 2.0, 'rope_theta': 3000.0}}"
            + " | linear | 3000 | 2",
        "{'rope_parameters': {'type': 'linear', 'factor': 4.0, 'rope_theta': 5000.0}}"
            + " | linear | 5000 | 4",
        "{'rope_theta': 7000.0, 'rope_parameters': {'rope_type': 'linear', 'factor': 4.0}}"
            + " | linear | 7000 | 4",
        "{'rope_parameters': {'rope_type': 'linear', 'factor': 4.0, 'rope_theta': 5000.0},"
            + " 'rope_scaling': {'rope_type': 'linear', 'factor': 2.0}} | linear | 10000 | 2",
        "{'rope_theta': 7000.0,"
            + " 'rope_parameters': {'rope_type': 'linear', 'factor': 4.0, 'rope_theta': 5000.0},"
            + " 'rope_scaling': {'rope_type': 'linear', 'factor': 2.0}} | linear | 7000 | 2",
        "{'rope_theta': 7000.0, 'rope_scaling': null,"
            + " 'rope_parameters': {'rope_type': 'linear', 'factor': 4.0, 'rope_theta': 5000.0}}"
            + " | linear | 5000 | 4",
        "{'rope_theta': 7000.0, 'rope_scaling': {},"
            + " 'rope_parameters': {'rope_type': 'linear', 'factor': 4.0, 'rope_theta': 5000.0}}"
            + " | linear | 5000 | 4",
      })
  void ofTwoDescriptionsOfTheRotaryPositionsRopeScalingCounts(
      String json, String type, double theta, double factor) throws JsonProcessingException {
    ModelKeys keys = keys("llama", json);
    assertThat(keys.rotaryType()).isEqualTo(type);
    assertThat(keys.theta()).isEqualTo(theta);
    assertThat(keys.rotary().path("factor").asDouble()).isEqualTo(factor);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'partial_rotary_factor': 0.5} | 0.5",
        "{'partial_rotary_factor': 0.5, 'rope_parameters': {'partial_rotary_factor': 0.75}} | 0.75",
        "{'partial_rotary_factor': 0.5, 'rope_scaling': {'partial_rotary_factor': 0.75},"
            + " 'rope_parameters': {'partial_rotary_factor': 0.25}} | 0.75",
        "{'rope_scaling': {'rope_type': 'default'},"
            + " 'rope_parameters': {'partial_rotary_factor': 0.25}} | 1",
      })
  void thePartThatTurnsIsReadFromTheSamePlace(String json, double part)
      throws JsonProcessingException {
    assertThat(keys("phi3", json).partialRotaryFactor()).isEqualTo(part);
  }

  @ParameterizedTest
  @CsvSource({
    "llama, 16, 64, 1e-6, false, 10000",
    "mistral, 8, 64, 1e-6, false, 10000",
    "qwen2, 32, 64, 1e-6, false, 10000",
    "qwen3, 32, 128, 1e-6, false, 10000",
    "smollm3, 4, 64, 1e-6, true, 2000000",
    "phi3, 16, 64, 1e-5, false, 10000",
  })
  void aMissingKeyHasTheDefaultOfTheClass(
      String type, int keyValueHeads, int headDimension, double epsilon, boolean tied, double theta)
      throws JsonProcessingException {
    ModelKeys missing = keys(type, "{}");
    assertThat(missing.keyValueHeads(16)).isEqualTo(keyValueHeads);
    assertThat(missing.headDimension(1024, 16)).isEqualTo(headDimension);
    assertThat(missing.normEpsilon()).isEqualTo(epsilon);
    assertThat(missing.tiedEmbeddings()).isEqualTo(tied);
    assertThat(missing.theta()).isEqualTo(theta);
    assertThat(keys(type, "{'num_key_value_heads': null}").keyValueHeads(16)).isEqualTo(16);
    ModelKeys said =
        keys(
            type,
            "{'num_key_value_heads': 2, 'head_dim': 32, 'rms_norm_eps': 0.5, 'rope_theta': 3.0,"
                + " 'tie_word_embeddings': "
                + !tied
                + "}");
    assertThat(said.keyValueHeads(16)).isEqualTo(2);
    assertThat(said.headDimension(1024, 16)).isEqualTo(32);
    assertThat(said.normEpsilon()).isEqualTo(0.5);
    assertThat(said.tiedEmbeddings()).isEqualTo(!tied);
    assertThat(said.theta()).isEqualTo(3);
  }

  private static ObjectNode config(String model) throws IOException {
    return (ObjectNode)
        JSON.readTree(Files.readString(Golden.file("models/" + model + "/config.json")));
  }

  private Gguf exported(String model, ObjectNode config) {
    Path path = directory.resolve("export.gguf");
    Weights weights = Safetensors.open(Golden.file("models/" + model + "/model.safetensors"));
    GgufExport.write(path, model, config, weights, TensorType.F32, Map.of());
    return Gguf.open(path);
  }

  private static double number(Gguf gguf, String key) {
    return gguf.metadata().number(key).orElseThrow();
  }

  @Test
  void anExportHasTheDefaultsOfTheClassToo() throws IOException {
    ObjectNode phi3 = config("phi3_mini");
    phi3.remove(List.of("rms_norm_eps", "partial_rotary_factor", "rope_parameters"));
    phi3.putObject("rope_scaling").put("type", "default").put("partial_rotary_factor", 0.5);
    Gguf gguf = exported("phi3_mini", phi3);
    assertThat((float) number(gguf, "phi3.attention.layer_norm_rms_epsilon")).isEqualTo(1e-5f);
    assertThat(number(gguf, "phi3.rope.dimension_count"))
        .isEqualTo(number(gguf, "phi3.attention.key_length") / 2);

    ObjectNode smollm3 = config("smollm3");
    smollm3.remove(List.of("tie_word_embeddings", "rope_parameters", "rope_theta"));
    gguf = exported("smollm3", smollm3);
    assertThat(gguf.names()).doesNotContain("output.weight");
    assertThat(number(gguf, "smollm3.rope.freq_base")).isEqualTo(2e6);

    ObjectNode qwen3 = config("qwen3");
    qwen3.remove("head_dim");
    assertThat(number(exported("qwen3", qwen3), "qwen3.attention.key_length")).isEqualTo(128);
  }

  @Test
  void aScalingWithoutItsNumbersIsNotExported() throws IOException {
    ObjectNode llama = config("gqa_tied");
    for (String type : List.of("linear", "llama3")) {
      llama.putObject("rope_scaling").put("rope_type", type);
      assertThatThrownBy(() -> exported("gqa_tied", llama))
          .isInstanceOf(CriaException.class)
          .hasMessage(
              "config.json has no positive number factor in its rotary scaling: give the model's"
                  + " own config.json");
    }
    llama.putObject("rope_scaling").put("rope_type", "default").put("partial_rotary_factor", 0.5);
    assertThatThrownBy(() -> exported("gqa_tied", llama))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "config.json: partial_rotary_factor 0.5 cannot be exported for llama: models that turn"
                + " whole heads can");
  }
}
