package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.config.ConfigKey;
import io.cria.config.ConfigKeys;
import io.cria.config.EvaluationConfig;
import io.cria.config.JudgeConfig;
import io.cria.config.RunConfig;
import io.cria.evaluate.EvaluationSet;
import io.cria.prompt.PromptFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of which keys it is said that they stay as they are: those that an identity is made of. */
class KeysThatDecideTest {
  private static final String RUN =
      """
      {recipe: r, stages: [generate], seeds: s, prompts: p, model: m,
       generate: {prompt: self-instruct, parser: numbered-list, decoding: {maxTokens: 1}},
       classify: {decoding: {maxTokens: 1}, parser: exact},
       instances: {prompt: self-instruct, parser: self-instruct, inputFirst: {maxTokens: 1}, filters: []},
       language: en, labels: {task: [Task]}}
      """;

  @Test
  void ofARun() {
    RunConfig config = RunConfig.parse(RUN, "run", Map.of());
    Set<String> identity = new TreeSet<>();
    paths("", RunIdentity.of(config.identity(), "seeds", "prompts").keys(), identity);
    assertThat(keys(RunConfig.class).filter(key -> key.below().isEmpty() && !key.mayChange()))
        .extracting(ConfigKey::path)
        .containsExactlyInAnyOrderElementsOf(identity);
  }

  @Test
  void ofAJudge() {
    JudgeConfig config = JudgeConfig.parse("{model: m}", "judge", Map.of());
    JudgeInputs inputs = new JudgeInputs(config, new PromptFiles("p", Map.of()), "");
    assertThat(deciding(JudgeConfig.class))
        .containsExactlyInAnyOrderElementsOf(inputs.identity().keySet());
  }

  @Test
  void ofAnEvaluation() {
    EvaluationConfig config =
        EvaluationConfig.parse(
            "answerers: {a: {gguf: a.gguf}, b: {gguf: b.gguf}}", "evaluation", Map.of());
    EvaluationInputs inputs =
        new EvaluationInputs(config, new EvaluationSet(List.of()), Map.of(), Map.of(), null, "");
    Set<String> identity = new TreeSet<>(inputs.identity().keySet());
    // of the answerers too
    identity.remove("order");
    assertThat(deciding(EvaluationConfig.class)).containsExactlyInAnyOrderElementsOf(identity);
  }

  private static List<String> deciding(Class<?> type) {
    return ConfigKeys.of(type, Map.of()).stream()
        .filter(key -> !key.mayChange())
        .map(ConfigKey::path)
        .toList();
  }

  private static Stream<ConfigKey> keys(Class<?> type) {
    return ConfigKeys.of(type, Map.of()).stream().flatMap(ConfigKey::all);
  }

  /** Of all values; a map of one's own keys is one. */
  private static void paths(String before, Map<?, ?> nested, Set<String> paths) {
    nested.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> section && !section.isEmpty()) {
            paths(before + key + ".", section, paths);
          } else {
            paths.add(before + key);
          }
        });
  }
}
