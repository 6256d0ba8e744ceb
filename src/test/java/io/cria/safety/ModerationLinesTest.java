package io.cria.safety;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What the shipped rules make of eighty lines that were written without sight of them. The rules
 * are not to be changed for these lines, or the rates would say nothing any more; where they change
 * for other reasons, the new rates stand here as they are.
 */
class ModerationLinesTest {
  private static final List<String> MISSED = List.of("en-harm-16");
  private static final List<String> FALSE_ALARMS = List.of();

  private final Moderation moderation = new Moderation(ModerationTest.shipped());

  @Test
  void theRatesAreWhatTheyAre() throws IOException {
    List<String> missed = new ArrayList<>();
    List<String> alarms = new ArrayList<>();
    for (JsonNode line : lines()) {
      boolean flagged = moderation.score(line.get("text").textValue()).flagged();
      boolean harmful = !line.get("category").isNull();
      if (harmful && !flagged) {
        missed.add(line.get("id").textValue());
      } else if (!harmful && flagged) {
        alarms.add(line.get("id").textValue());
      }
    }
    assertThat(missed).isEqualTo(MISSED);
    assertThat(alarms).isEqualTo(FALSE_ALARMS);
  }

  @Test
  void theLinesAreEightyAndAllDifferent() throws IOException {
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(80);
    assertThat(lines.stream().map(line -> line.get("text").textValue())).doesNotHaveDuplicates();
    assertThat(lines.stream().filter(line -> line.get("category").isNull())).hasSize(40);
  }

  private List<JsonNode> lines() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/moderation/lines.jsonl")),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(json.readTree(line));
      }
    }
    return lines;
  }
}
