package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private ModelConfig config(String ids) throws IOException {
    String json = Files.readString(Golden.path("models/gqa_tied").resolve("config.json"));
    var root = (com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(json);
    root.setAll((com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(ids));
    return ModelConfigJson.parse(root.toString(), "config.json");
  }

  private JsonNode written() throws IOException {
    return JSON.readTree(folder.resolve(GenerationConfig.FILE).toFile());
  }

  @Test
  void theBasesSettingsStayAndEndsOfBothCount() throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    Files.writeString(
        base.resolve(GenerationConfig.FILE),
        "{\"temperature\": 0.6, \"eos_token_id\": [2, 4], \"pad_token_id\": 0}");
    ModelConfig config = config("{\"bos_token_id\": 1, \"eos_token_id\": 9, \"pad_token_id\": 7}");
    GenerationConfig.write(folder, config, base);
    assertThat(written())
        .isEqualTo(
            JSON.readTree(
                "{\"temperature\": 0.6, \"eos_token_id\": [2, 4, 9], \"pad_token_id\": 7,"
                    + " \"bos_token_id\": 1}"));
  }

  @Test
  void aModelWithoutSettingsHasItsIdsAndTheTaughtEnd() throws IOException {
    GenerationConfig.write(
        folder, config("{\"bos_token_id\": 1, \"eos_token_id\": 2, \"pad_token_id\": null}"));
    assertThat(written()).isEqualTo(JSON.readTree("{\"bos_token_id\": 1, \"eos_token_id\": 2}"));
    GenerationConfig.endAlsoAt(folder, 4);
    GenerationConfig.endAlsoAt(folder, 4);
    assertThat(written().path("eos_token_id")).isEqualTo(JSON.readTree("[2, 4]"));
  }
}
