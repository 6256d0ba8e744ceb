package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigCommandTest {
  @TempDir Path folder;

  @Test
  void aKeyIsToldWithTypeDefaultMeaningAndWhetherItMayChange() {
    assertThat(Called.with("config", "limits.inFlight").out())
        .isEqualTo(
            """
            limits.inFlight
              Requests in flight per executor.
              type: whole number, at least 1
              default: 64
              may change from one invocation to the next
              in: run, judge, evaluate
            """);
    assertThat(Called.with("config", "similarity.threshold").out())
        .contains("type: number, above 0.3, at most 1", "default: 0.7", "stays as it is");
    assertThat(Called.with("config", "rounds.max").out()).contains("may change");
    assertThat(Called.with("config", "generate.decoding.maxTokens").out())
        .contains("must be given");
    assertThat(Called.with("config", "training.optimizer.epsilon").out())
        .contains("default: 1.0e-8");
    assertThat(Called.with("config", "exports").out())
        .contains("default: [parquet, alpaca, self-instruct, prompt-completion, chat]");
  }

  @Test
  void kindsThatSayOtherThingsOfAKeyAreToldApart() {
    String seed = Called.with("config", "seed").out();
    assertThat(seed).contains("in: judge\n", "in: evaluate\n").doesNotContain("in: run");
    assertThat(Called.with("config", "seed", "--kind", "judge").out())
        .contains("in: judge\n")
        .doesNotContain("evaluate");
  }

  @Test
  void aDefaultIsThatOfItsPlace() {
    // the record alone would tell none
    assertThat(Called.with("config", "moderation.service.endpoint.baseUrl").out())
        .contains("default: https://api.openai.com/v1");
    assertThat(Called.with("config", "decoding", "--kind", "judge").out())
        .contains("default: {maxTokens: 512, temperature: 0.0}", "* decoding.stop\n");
    assertThat(Called.with("config", "instances.outputFirst").out())
        .contains("default: as inputFirst");
  }

  @Test
  void namesOfOnesOwnAndNumbersOfItemsAreUnderstood() {
    assertThat(Called.with("config", "answerers.mine.checkpoint").out())
        .startsWith("answerers.NAME.checkpoint\n");
    assertThat(Called.with("config", "prices[3].cached").out()).contains("default: as input");
    assertThat(Called.with("config", "generate.filters.minWords").out()).contains("default: 4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          limits.inflight          | run  | limits.inFlight
          limit.inFligt            |      | limits.inFlight
          inFlight                 |      | limits.inFlight
          training.optimiser       | sft  | training.optimizer
          generate.decodng.topP    |      | generate.decoding.topP
          """)
  void aKeyThatIsNoneIsBadInputAndTheNearestIsNamed(String key, String kind, String near) {
    Called called =
        kind == null ? Called.with("config", key) : Called.with("config", key, "--kind", kind);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.out()).isEmpty();
    assertThat(called.err())
        .isEqualTo(
            "cria: unknown key '"
                + key
                + "'"
                + (kind == null ? "" : " of the kind " + kind)
                + ": did you mean '"
                + near
                + "'?\n");
    assertThat(Called.with("config", "of.nothing.like.it").err())
        .isEqualTo("cria: unknown key 'of.nothing.like.it': cria config --kind KIND lists all\n");
  }

  @ParameterizedTest
  @EnumSource(RunFileKind.class)
  void allKeysOfAKindAreListedWithinEightyColumns(RunFileKind kind) {
    String text = Called.with("config", "--kind", kind.word()).out();
    assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    kind.toldOnce().forEach(key -> assertThat(text).contains(" " + key.path()));
  }

  @Test
  void sectionsWithTheSameKeysAreListedOnce() {
    String text = Called.with("config").out();
    assertThat(text)
        .contains("instances.inputFirst (must be given)\n", "keys as in\n      generate.decoding.")
        .doesNotContain("instances.inputFirst.topP");
    assertThat(Called.with("config", "instances.inputFirst.topP").out()).contains("at most 1");
  }

  @Test
  void programsReadJson() throws IOException {
    JsonNode keys =
        new ObjectMapper()
            .readTree(Called.with("config", "limits", "--kind", "run", "--format", "json").out());
    assertThat(keys).hasSize(10);
    JsonNode key = keys.get(1);
    assertThat(key.path("key").textValue()).isEqualTo("limits.inFlight");
    assertThat(key.path("default").intValue()).isEqualTo(64);
    assertThat(key.path("may_change").booleanValue()).isTrue();
  }

  @Test
  void aSchemaIsPrintedOrAllAreWritten() throws IOException {
    Path schemas = folder.resolve("new/schemas");
    Called written = Called.with("config", "--format", "schema", "--write", schemas);
    assertThat(written.out()).isEmpty();
    assertThat(written.err()).contains("cria: written: " + schemas.resolve("sft.schema.json"));
    assertThat(Files.readString(schemas.resolve("sft.schema.json")))
        .isEqualTo(Called.with("config", "--kind", "sft", "--format", "schema").out());
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() throws IOException {
    assertThat(Called.with("config", "limits", "--format", "schema"))
        .satisfies(called -> assertThat(called.code()).isEqualTo(2))
        .satisfies(called -> assertThat(called.err()).contains("leave KEY out"));
    assertThat(Called.with("config", "--write", folder).err()).contains("--write goes with");
    assertThat(Called.with("config", "--kind", "sft", "--format", "markdown").err())
        .contains("leave it out");
    assertThat(Called.with("config", "--kind", "none").code()).isEqualTo(2);
    Path file = Files.createFile(folder.resolve("file"));
    Called called = Called.with("config", "--format", "markdown", "--write", file);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains("cannot be written").contains("give another --write");
  }
}
