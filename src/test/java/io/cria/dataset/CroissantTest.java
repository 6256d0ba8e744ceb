package io.cria.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.Terms;
import java.util.List;
import org.junit.jupiter.api.Test;

class CroissantTest {
  private static final Croissant.DataFile ALPACA =
      new Croissant.DataFile("alpaca.jsonl", 10, "a".repeat(64));

  @Test
  void theVersionIsOfWhatTheFilesHold() throws JsonProcessingException {
    String version = version(ALPACA);
    assertThat(version).matches("1[.]0[.]0[+][0-9a-f]{12}").isEqualTo(version(ALPACA));
    assertThat(version(new Croissant.DataFile("alpaca.jsonl", 10, "b".repeat(64))))
        .isNotEqualTo(version);
    assertThat(version(ALPACA, new Croissant.DataFile("chat.jsonl", 10, "a".repeat(64))))
        .isNotEqualTo(version);
  }

  @Test
  void languagesAndTheFieldsOfTheFormatsForOthersAreTold() throws JsonProcessingException {
    String text =
        Croissant.render(
            "title",
            new Terms("cc-by-4.0", null, null, null),
            List.of("en", "pt-BR"),
            List.of(
                new Croissant.DataFile("sharegpt.jsonl", 10, "a".repeat(64)),
                new Croissant.DataFile("alpaca-eval.json", 10, "a".repeat(64))));
    JsonNode root = new ObjectMapper().readTree(text);
    assertThat(root.path("inLanguage")).map(JsonNode::asText).containsExactly("en", "pt-BR");
    assertThat(root.path("license").asText()).isEqualTo("cc-by-4.0");
    assertThat(root.path("recordSet").path(0).path("field"))
        .map(field -> field.path("name").asText())
        .containsExactly("speakers", "values");
    assertThat(root.path("recordSet").path(1).path("field"))
        .map(field -> field.path("source").path("extract").path("jsonPath").asText())
        .containsExactly("$[*].dataset", "$[*].instruction", "$[*].output", "$[*].generator");
  }

  private static String version(Croissant.DataFile... files) throws JsonProcessingException {
    String text = Croissant.render("title", Terms.NONE, List.of(), List.of(files));
    return new ObjectMapper().readTree(text).path("version").asText();
  }
}
