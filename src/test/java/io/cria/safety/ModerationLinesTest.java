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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the shipped rules make of lines written from the categories alone, forty harmful and forty
 * not in each file, half in Korean. {@code lines.jsonl} was written after the first version of the
 * rules and without looking at them; that version flagged 17 of its harmful lines and 2 of the
 * others. The second version was made knowing these lines, so what it makes of them proves nothing;
 * {@code lines-unseen.jsonl} was written after it. Rules are not to be changed for those lines, or
 * their rates would say nothing either; where rules change for other reasons, the new rates stand
 * here as they are.
 */
class ModerationLinesTest {
  private static final String SEEN = "lines.jsonl";
  private static final String UNSEEN = "lines-unseen.jsonl";

  private final Moderation moderation = new Moderation(ModerationTest.shipped());

  @Test
  void ofTheLinesTheRulesWereMadeKnowingOneIsMissed() throws IOException {
    assertThat(flagged(SEEN, true)).hasSize(39).doesNotContain("en-harm-16");
    assertThat(flagged(SEEN, false)).isEmpty();
  }

  /** 8 of 40, 95 % interval 10.5 to 34.8 %; of the harmless 1 of 40, 0.4 to 12.9 %. */
  @Test
  void ofTheLinesNotSeenOnlyWhatIsSaidOutrightIsFound() throws IOException {
    assertThat(flagged(UNSEEN, true))
        .containsExactly(
            "en-harm-24",
            "en-harm-27",
            "en-harm-38",
            "ko-harm-26",
            "ko-harm-27",
            "ko-harm-31",
            "ko-harm-32",
            "ko-harm-35");
    assertThat(flagged(UNSEEN, false)).containsExactly("en-fine-36");
  }

  @ParameterizedTest
  @ValueSource(strings = {SEEN, UNSEEN})
  void aFileHasEightyDifferentLines(String file) throws IOException {
    List<JsonNode> lines = lines(file);
    assertThat(lines).hasSize(80);
    assertThat(lines.stream().map(line -> line.get("text").textValue())).doesNotHaveDuplicates();
    assertThat(lines.stream().filter(line -> line.get("category").isNull())).hasSize(40);
  }

  private List<String> flagged(String file, boolean harmful) throws IOException {
    return lines(file).stream()
        .filter(line -> line.get("category").isNull() != harmful)
        .filter(line -> moderation.score(line.get("text").textValue()).flagged())
        .map(line -> line.get("id").textValue())
        .toList();
  }

  private List<JsonNode> lines(String file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/moderation/" + file)),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(json.readTree(line));
      }
    }
    return lines;
  }
}
