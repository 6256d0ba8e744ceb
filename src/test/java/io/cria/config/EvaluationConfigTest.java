package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.EvaluationConfig.Answerer;
import io.cria.config.EvaluationConfig.Generation;
import io.cria.evaluate.Section;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EvaluationConfigTest {
  private static final String TWO = "answerers: {b: {checkpoint: one}, a: {gguf: two}}\n";

  private static EvaluationConfig parse(String text) {
    return EvaluationConfig.parse(text, "own.yaml", Map.of());
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    EvaluationConfig config = parse(TWO);

    assertThat(config.set()).isEqualTo("shipped:conf/evaluation");
    assertThat(config.limit()).isNull();
    assertThat(config.sections()).isEqualTo(Section.words());
    assertThat(config.answerers().keySet()).containsExactly("b", "a");
    assertThat(config.generation()).isEqualTo(new Generation(512, 0.0, 8, 0L));
    assertThat(config.mode()).isEqualTo("pairs");
    assertThat(config.judge()).isNull();
    assertThat(config.seed()).isEqualTo(42);
    assertThat(config.limits()).isEqualTo(Operation.Limits.DEFAULT);
    assertThat(config.caps()).isEqualTo(Operation.Caps.DEFAULT);
    assertThat(config.parallelism()).isNull();
    assertThat(config.prices()).isNull();
  }

  @Test
  void everyKeyIsRead() {
    EvaluationConfig config =
        parse(
            """
            set: own.jsonl
            limit: 7
            sections: [tasks, equal]
            answerers:
              tuned: {checkpoint: base, adapter: lora}
              there:
                endpoint: {baseUrl: "http://127.0.0.1:1/v1", keyEnv: none}
                model: m
                reasoning: keep
                extra: {reasoning_effort: low}
            generation: {maxTokens: 9, temperature: 0.5, batch: 3, seed: 4}
            mode: levels
            judge: {model: j}
            seed: 5
            limits: {inFlight: 2}
            caps: {requests: 100}
            parallelism: 6
            prices: own-prices.yaml
            """);

    Answerer there = Objects.requireNonNull(config.answerers().get("there"));
    Answerer tuned = Objects.requireNonNull(config.answerers().get("tuned"));
    assertThat(config.set()).isEqualTo("own.jsonl");
    assertThat(config.limit()).isEqualTo(7);
    assertThat(config.sections()).isEqualTo(List.of("tasks", "equal"));
    assertThat(tuned.checkpoint() + " " + tuned.adapter()).isEqualTo("base lora");
    assertThat(there.model() + " " + there.reasoning()).isEqualTo("m keep");
    assertThat(there.extra()).isEqualTo(Map.of("reasoning_effort", "low"));
    assertThat(config.generation()).isEqualTo(new Generation(9, 0.5, 3, 4L));
    assertThat(config.generation().decoding(there.extra()).seeded()).isTrue();
    assertThat(config.mode()).isEqualTo("levels");
    assertThat(Objects.requireNonNull(config.judge()).model()).isEqualTo("j");
    assertThat(config.seed()).isEqualTo(5);
    assertThat(config.limits().inFlight()).isEqualTo(2);
    assertThat(config.caps().requests()).isEqualTo(100);
    assertThat(config.parallelism()).isEqualTo(6);
    assertThat(config.prices()).isEqualTo("own-prices.yaml");
  }

  @Test
  void anUnknownKeyIsToldWithTheNearest() {
    assertThatThrownBy(() -> parse(TWO + "secions: [tasks]\n"))
        .hasMessage("own.yaml:2: unknown key 'secions': did you mean 'sections'?");
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertRefused("sections: [task]", "sections has no 'task': known are [tasks, facts");
    assertRefused("mode: pair", "mode must be one of [pairs, levels], not 'pair'");
    assertRefused("limit: 0", "limit must be at least 1, not 0");
    assertRefused("generation: {batch: 0}", "maxTokens and batch must be at least 1");
    assertRefused("judge: {model: j, caps: {usd: 1}}", "judge has caps or prices of its own");
    assertRefused("caps: {usdPerInstruction: 1}", "caps.usdPerInstruction");
  }

  private static void assertRefused(String line, String told) {
    assertThatThrownBy(() -> parse(TWO + line + "\n")).hasMessageContaining(told);
  }
}
