package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A judge's run file: what it may leave out, and what is refused. */
class JudgeConfigTest {
  private static JudgeConfig parse(String text) {
    return JudgeConfig.parse(text, "judge.yaml", Map.of());
  }

  @Test
  void aModelIsEnough() {
    JudgeConfig judge = parse("model: m");
    assertThat(judge.decoding().temperature()).isEqualTo(0.0);
    assertThat(judge.decoding().maxTokens()).isEqualTo(512);
    assertThat(judge.reasoning()).isEqualTo("strip");
    assertThat(judge.prompts()).isNull();
    assertThat(judge.asking().model()).isEqualTo("m");
    assertThat(judge.asking().caps().areSet()).isFalse();
  }

  @Test
  void theShippedFileIsOne() {
    Path file = Path.of(System.getProperty("cria.home", "."), "conf/judge.yaml");
    JudgeConfig judge = ConfigReader.read(file, JudgeConfig.class, Map.of("caps.usd", "2"));
    assertThat(judge.prompts()).isEqualTo("prompts/judge");
    assertThat(judge.decoding().temperature()).isEqualTo(0.0);
    assertThat(judge.asking().caps().needPrices()).isTrue();
  }

  @Test
  void whatIsWrongIsToldWithItsPlace() {
    bad("model: m\nmodle: x", "judge.yaml:2", "modle", "model");
    bad("seed: 1", "the key 'model' is missing");
    bad("model: m\nreasoning: maybe", "reasoning must be one of [strip, keep], not 'maybe'");
    bad("model: m\nparallelism: 0", "parallelism must be at least 1, not 0");
    bad("model: m\ncaps: {usdPerInstruction: 1}", "a judge accepts no instructions");
  }

  private static void bad(String text, String... words) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(words);
  }
}
