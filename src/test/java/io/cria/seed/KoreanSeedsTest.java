package io.cria.seed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.EngineSelector;
import io.cria.similarity.RougeL;
import io.cria.storage.Location;
import io.cria.task.InputOutput;
import io.cria.task.SeedTask;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the Korean seeds, demonstrations, pairs and evaluation tasks to their shapes. */
final class KoreanSeedsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Location FILE =
      Location.of("conf/seeds/korean_tasks.jsonl", new Configuration());

  private final List<SeedTask> seeds = SeedFile.read(FILE);

  @Test
  void thereAreEnoughOfBothKindsWithIdsInOrder() {
    assertThat(seeds).hasSizeGreaterThanOrEqualTo(120);
    assertThat(seeds).filteredOn(SeedTask::isClassification).hasSizeGreaterThanOrEqualTo(30);
    for (int i = 0; i < seeds.size(); i++) {
      assertThat(seeds.get(i).id()).isEqualTo("korean_task_" + i);
    }
    assertThat(seeds).extracting(SeedTask::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unicode-1", "korean-1"})
  void theCheckFindsNothing(String tokenizer) {
    SeedReport report =
        SeedCheck.check(
            FILE, new EngineSelector(EngineOptions.of(Tokenizer.named(tokenizer), 0.5)));
    assertThat(report.isUsable()).isTrue();
    assertThat(report.findings()).isEmpty();
  }

  @Test
  void labelsOfAClassificationAreBalanced() {
    for (SeedTask seed : seeds) {
      if (seed.isClassification()) {
        Map<String, Integer> labels = new HashMap<>();
        seed.instances().forEach(instance -> labels.merge(instance.output(), 1, Integer::sum));
        assertThat(new HashSet<>(labels.values())).as(seed.name()).hasSize(1);
        assertThat(labels).as(seed.name()).hasSizeGreaterThan(1);
      }
    }
  }

  @Test
  void textsAreComposedAndWithoutWhiteSpaceAtTheirEnds() {
    for (SeedTask seed : seeds) {
      Set<String> inputs = new HashSet<>();
      assertThat(composed(seed.instruction())).isEqualTo(seed.instruction());
      for (InputOutput instance : seed.instances()) {
        assertThat(inputs.add(instance.input())).as(seed.name()).isTrue();
        assertThat(composed(instance.input())).isEqualTo(instance.input());
        assertThat(composed(instance.output())).isEqualTo(instance.output()).isNotEmpty();
      }
    }
  }

  private static String composed(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC).strip();
  }

  @Test
  void theDemonstrationsAreTwelveAndNineteen() throws IOException {
    List<JsonNode> lines = demonstrations();
    assertThat(lines).filteredOn(line -> line.path("is_classification").asBoolean()).hasSize(12);
    assertThat(lines).filteredOn(line -> !line.path("is_classification").asBoolean()).hasSize(19);
  }

  @Test
  void thePairsAreLabelledAndOfBothKinds() throws IOException {
    try (var in = KoreanSeedsTest.class.getResourceAsStream("/korean/similarity-pairs.jsonl")) {
      List<JsonNode> pairs =
          lines(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
      assertThat(pairs).hasSizeGreaterThanOrEqualTo(400);
      assertThat(pairs)
          .allSatisfy(
              pair -> {
                assertThat(pair.path("same").isBoolean()).isTrue();
                assertThat(pair.path("a").asText()).isNotEqualTo(pair.path("b").asText());
              });
      long same = pairs.stream().filter(pair -> pair.path("same").asBoolean()).count();
      assertThat((double) same / pairs.size()).isBetween(0.4, 0.6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unicode-1", "korean-1"})
  void noEvaluationTaskIsNearASeedOrADemonstration(String name) throws IOException {
    List<JsonNode> tasks = lines(Files.readString(Path.of("conf/evaluation/korean.jsonl")));
    assertThat(tasks).hasSizeGreaterThanOrEqualTo(40);
    List<String> texts = new ArrayList<>();
    seeds.forEach(seed -> texts.add(seed.instruction()));
    demonstrations().forEach(line -> texts.add(line.path("instruction").asText()));
    Tokenizer tokenizer = Tokenizer.named(name);
    for (JsonNode task : tasks) {
      assertThat(task.path("reference").asText()).isNotBlank();
      for (String text : texts) {
        assertThat(RougeL.f(task.path("instruction").asText(), text, tokenizer))
            .as(task.path("id").asText())
            .isLessThanOrEqualTo(0.5);
      }
    }
  }

  @Test
  void noDemonstrationIsNearASeedOrAnother() throws IOException {
    Tokenizer tokenizer = Tokenizer.named("korean-1");
    List<String> texts = new ArrayList<>(seeds.stream().map(SeedTask::instruction).toList());
    for (JsonNode line : demonstrations()) {
      String shown = line.path("instruction").asText();
      for (String text : texts) {
        assertThat(RougeL.f(shown, text, tokenizer)).as(shown).isLessThanOrEqualTo(0.5);
      }
      texts.add(shown);
    }
  }

  private static List<JsonNode> demonstrations() throws IOException {
    return lines(
        Files.readString(Path.of("conf/prompts/korean/classification-demonstrations.jsonl")));
  }

  private static List<JsonNode> lines(String text) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }
}
