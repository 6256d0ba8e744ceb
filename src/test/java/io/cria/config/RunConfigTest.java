package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.task.ExitCode;
import io.cria.task.Labels;
import io.cria.task.Terms;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunConfigTest {
  private static final String LEAST =
      """
      recipe: own
      stages: [generate]
      seeds: seeds.jsonl
      prompts: prompts
      model: some-model
      generate:
        prompt: self-instruct
        parser: numbered-list
        decoding: {maxTokens: 10}
      """;

  private static final String EVERYTHING =
      """
      recipe: own
      stages: [generate, classify, instances, dataset]
      seeds: s.jsonl
      prompts: p
      model: m
      generate:
        prompt: self-instruct
        classificationOnly: true
        parser: numbered-list
        decoding:
          maxTokens: 1
          temperature: 0.1
          topP: 0.2
          minP: 0.3
          presencePenalty: 0.4
          frequencyPenalty: 0.5
          repeatPenalty: 1.6
          stop: [a, b]
          logitBias: {"7": -100}
          seeded: true
          extra: {reasoning_effort: low, chat_template_kwargs: {enable_thinking: false, budget: [1, 0.5]}}
        filters: [{name: too_short, minWords: 2}]
      classify:
        decoding: {maxTokens: 2}
        parser: lenient
      instances:
        prompt: q
        parser: r
        outputFirst: {maxTokens: 3}
        inputFirst: {maxTokens: 4}
        maxInstances: 6
        filters: [{name: refusal}]
      similarity: {threshold: 0.75, tokenizer: unicode-1}
      rounds: {policy: fixed, size: 2, maxSize: 3, max: 4, barren: 6, seed: 8}
      encoding: {layout: random, endOfText: end, instructions: 9}
      reasoning: keep
      language: ko
      labels: {task: [a], instruction: [b], input: [c], output: [d], example: [e], classLabel: [f], noInput: [g], yes: [h], no: [i]}
      endpoint:
        baseUrl: http://127.0.0.1:1/v1
        dialect: completions
        keyEnv: K
        keyFile: /k
        capabilities: llamacpp
        gguf: /g
        workers: 10
        keyHeader: "X-Key: Token"
        apiVersion: 2024-10-21
        headers: {X-Team: alpacas, cf-token: "env:CF", X-Other: "file:/f"}
      limits: {inFlight: 11, attempts: 12, attemptSeconds: 13, totalSeconds: 14, outageSeconds: 15, failedShare: 0.16,
        requestsPerMinute: 17, tokensPerMinute: 18, drainSeconds: 19}
      caps: {requests: 15, tokens: 16, usd: 17.5, usdPerInstruction: 0.18}
      target: 16
      parallelism: 17
      prefilter: minhash
      exports: [chat]
      includeSeeds: true
      prices: q.yaml
      moderation: {policy: drop, languages: [ko]}
      select: {only: "valid:first", decontaminated: true}
      terms: {license: cc-by-4.0, teacherTerms: none, intendedUse: research, attribution: us}
      languages: [ko-kr, en]
      report: false
      """;

  @TempDir Path folder;

  private static RunConfig parse(String yaml) {
    return ConfigReader.parse(yaml, "own.yaml", RunConfig.class, Map.of());
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    RunConfig config = parse(LEAST);
    assertThat(config.classify()).isNull();
    assertThat(config.instances()).isNull();
    assertThat(config.generate().classificationOnly()).isFalse();
    assertThat(config.generate().filters()).isEmpty();
    assertThat(config.generate().decoding())
        .isEqualTo(
            new DecodingConfig(
                10, null, null, null, null, null, null, List.of(), Map.of(), false, Map.of()));
    assertThat(config.reasoning()).isEqualTo("strip");
    assertThat(config.similarity()).isEqualTo(new Identity.Similarity(0.7, "rouge-en"));
    assertThat(config.rounds()).isEqualTo(new Identity.Rounds("growing", 8, 4096, 100_000, 5, 42L));
    assertThat(config.encoding()).isEqualTo(new Identity.Encoding("plain", "", null));
    assertThat(config.endpoint())
        .isEqualTo(
            new Endpoint(
                null, "chat", "OPENAI_API_KEY", null, null, null, null, null, null, Map.of()));
    assertThat(config.limits()).isEqualTo(new Limits(64, 6, 120, 900, 600, 0.02, null, null, null));
    assertThat(config.caps()).isEqualTo(new Caps(null, null, null, null));
    assertThat(config.target()).isEqualTo(1000);
    assertThat(config.parallelism()).isNull();
    assertThat(config.prefilter()).isEqualTo("lossless");
    assertThat(config.exports())
        .containsExactly("parquet", "alpaca", "self-instruct", "prompt-completion", "chat");
    assertThat(config.includeSeeds()).isFalse();
    assertThat(config.prices()).isNull();
    assertThat(config.moderation()).isNull();
    assertThat(config.select()).isEqualTo(new SelectionConfig(null, false));
    assertThat(parse(LEAST + "moderation: {}\n").moderation())
        .isEqualTo(new ModerationConfig("flag", List.of("en", "ko"), null));
    assertThat(config.terms()).isEqualTo(Terms.NONE);
    assertThat(config.languages()).isNull();
    assertThat(config.report()).isTrue();
  }

  @Test
  void labelsThatAreLeftOutAreThePublishedOnesAndWordsHaveNoWhiteSpaceAround() {
    assertThat(parse(LEAST).words()).isEqualTo(Labels.ENGLISH);
    assertThat(parse(LEAST + "labels: {yes: [예]}\n").words().output()).containsExactly("Output");
    assertThatThrownBy(() -> parse(LEAST + "labels: {task: []}\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("labels: task is an empty list: give a word");
    assertThatThrownBy(() -> parse(LEAST + "labels: {input: ['입력 ']}\n"))
        .hasMessageContaining("input has '입력 ': give words without white space around them");
    assertThatThrownBy(() -> parse(LEAST + "labels: {inptu: [a]}\n"))
        .hasMessageContaining("did you mean 'input'?");
  }

  @Test
  void theDefaultsOfNestedKeysAreThoseOfTheWholeBlocks() {
    RunConfig config =
        parse(
            LEAST
                + "similarity: {}\nrounds: {}\nencoding: {}\nendpoint: {}\nlimits: {}\ncaps: {}\n");
    assertThat(config).isEqualTo(parse(LEAST));
  }

  @Test
  void everyKeyCanBeSet() {
    RunConfig config = parse(EVERYTHING);
    List<String> same = new ArrayList<>();
    compare("", config, parse(LEAST), same);
    assertThat(same)
        .as("keys that this test does not set to a value of their own")
        .containsExactlyInAnyOrder("recipe", "generate.prompt", "generate.parser");
    assertThat(config.rounds()).isEqualTo(new Identity.Rounds("fixed", 2, 3, 4, 6, 8L));
    assertThat(config.endpoint())
        .isEqualTo(
            new Endpoint(
                "http://127.0.0.1:1/v1",
                "completions",
                "K",
                "/k",
                "llamacpp",
                "/g",
                10,
                "X-Key: Token",
                "2024-10-21",
                Map.of("X-Team", "alpacas", "cf-token", "env:CF", "X-Other", "file:/f")));
    assertThat(config.identity().reasoning()).isEqualTo("keep");
    assertThat(config.languages()).containsExactly("ko-KR", "en");
    assertThat(config.limits()).isEqualTo(new Limits(11, 12, 13, 14, 15, 0.16, 17, 18L, 19));
    assertThat(config.caps())
        .isEqualTo(new Caps(15L, 16L, new BigDecimal("17.5"), new BigDecimal("0.18")));
    assertThat(config.generate().decoding())
        .isEqualTo(
            new DecodingConfig(
                1,
                0.1,
                0.2,
                0.3,
                0.4,
                0.5,
                1.6,
                List.of("a", "b"),
                Map.of("7", -100),
                true,
                Map.of(
                    "reasoning_effort",
                    "low",
                    "chat_template_kwargs",
                    Map.of("enable_thinking", false, "budget", List.of(1, 0.5)))));
    assertThat(config.generate().decoding().decoding(5).extra())
        .isEqualTo(config.generate().decoding().extra());
    assertThat(config.instances())
        .extracting(i -> i.outputFirst().maxTokens(), i -> i.maxInstances())
        .containsExactly(3, 6);
  }

  /** Collects the keys of two records, block by block, that have one value. */
  private static void compare(String prefix, Object one, Object other, List<String> same) {
    for (RecordComponent part : one.getClass().getRecordComponents()) {
      Object mine = value(part, one);
      Object theirs = value(part, other);
      String key = prefix + part.getName();
      if (mine != null && theirs != null && mine.getClass().isRecord()) {
        compare(key + ".", mine, theirs, same);
      } else if (java.util.Objects.equals(mine, theirs)) {
        same.add(key);
      }
    }
  }

  private static @org.jspecify.annotations.Nullable Object value(
      RecordComponent part, Object record) {
    try {
      return part.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void identityAndOperationShareOutTheKeys() {
    RunConfig config = parse(EVERYTHING);
    List<String> keys = new ArrayList<>();
    for (Class<?> part : List.of(Identity.class, Operation.class)) {
      for (RecordComponent component : part.getRecordComponents()) {
        keys.add(component.getName());
      }
    }
    assertThat(RunConfig.class.getRecordComponents())
        .extracting(RecordComponent::getName)
        .containsExactlyElementsOf(keys);
    assertThat(config.operation().target()).isEqualTo(16);
    assertThat(config.identity().rounds()).isEqualTo(config.rounds());
  }

  @Test
  void overridesAreLaidOverTheFile() {
    RunConfig config =
        ConfigReader.parse(
            LEAST,
            "own.yaml",
            RunConfig.class,
            Map.of("target", "5", "rounds.seed", "7", "generate.decoding.stop", "[x]"));
    assertThat(config.target()).isEqualTo(5);
    assertThat(config.rounds().seed()).isEqualTo(7);
    assertThat(config.generate().decoding().stop()).containsExactly("x");
    assertThat(config.generate().decoding().maxTokens()).isEqualTo(10);
  }

  private static void refused(String yaml, String... parts) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContainingAll(parts)
        .message()
        .hasLineCount(1);
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearestKnownOne() {
    refused(LEAST + "tagret: 5\n", "own.yaml:10: unknown key 'tagret'", "did you mean 'target'?");
    refused(
        LEAST + "rounds:\n  Sizes: 5\n",
        "own.yaml:11: unknown key 'rounds.Sizes'",
        "did you mean 'size'?");
    refused(LEAST + "rounds:\n  size: 5\n  seed: 6\ntarget: 0x\n", "own.yaml:13: target");
    refused(
        LEAST + "caps: {zzzzzzzzzzzzzz: 5}\n",
        "unknown key 'caps.zzzzzzzzzzzzzz'",
        "known here are");
  }

  @Test
  void anUnknownKeyOfAnOverrideIsNamed() {
    assertThatThrownBy(
            () ->
                ConfigReader.parse(
                    LEAST, "own.yaml", RunConfig.class, Map.of("limits.inflight", "3")))
        .hasMessage("--set limits.inflight: unknown key: did you mean 'inFlight'?");
    assertThatThrownBy(
            () ->
                ConfigReader.parse(LEAST, "own.yaml", RunConfig.class, Map.of("recipe.name", "3")))
        .hasMessageContaining("--set recipe.name: recipe has no keys below it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "target|many|must be a whole number, not 'many'",
        "target|1.5|must be a whole number, not 1.5",
        "target|[3]|must be a whole number, not a list",
        "target|99999999999|must be a whole number of at most 2147483647",
        "target|0|target must be at least 1, not 0",
        "target|[1|the value is not YAML: put it in quotes, as in --set 'target=\"…\"'",
        "rounds.seed|x|must be a whole number, not 'x'",
        "rounds|3|must be keys below it (policy, size, maxSize, max, barren, seed), not 3",
        "limits|{inflight: 3}|unknown key 'limits.inflight': did you mean 'inFlight'?",
        "limits|{inFlight: x}|limits.inFlight: must be a whole number, not 'x'",
        "limits.inFlight|0|inFlight, attempts and attemptSeconds must be at least 1 and"
            + " totalSeconds at least attemptSeconds",
        "similarity.threshold|high|must be a number, not 'high'",
        "includeSeeds|perhaps|must be true or false, not 'perhaps'",
        "moderation.policy|hide|policy must be one of [drop, flag, keep], not 'hide'",
        "moderation.languages|[fr]|no rules for the language 'fr': known are [en, ko]",
        "moderation.languages|[]|languages is empty: known are [en, ko]",
        "select.only|good|only must be valid or valid:NAME, not 'good'",
        "model|true|must be a text, not true",
        "exports|parquet|must be a list, such as [one, two], not 'parquet'",
        "generate.decoding.logitBias|7|must be keys with values, such as {key: value}, not 7",
        "generate.decoding.temperature|NaN|temperature must be at least 0, not NaN",
        "generate.decoding.topP|-1|topP must lie in [0, 1], not -1.0",
        "prices|# all|the value is not YAML: put it in quotes, as in --set 'prices=\"…\"'"
      })
  void aBadOverrideIsToldWithItsKeyAndWhatIsAllowed(String key, String value, String why) {
    assertThatThrownBy(
            () -> ConfigReader.parse(LEAST, "own.yaml", RunConfig.class, Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessage("--set " + key + ": " + why);
  }

  @Test
  void amongSeveralOverridesTheOneAtFaultIsNamed() {
    assertThatThrownBy(
            () -> overridden(LEAST, "rounds.size", "9000", "target", "0", "rounds.maxSize", "9000"))
        .hasMessage("--set target: target must be at least 1, not 0");
    assertThatThrownBy(() -> overridden(LEAST, "limits.attempts", "few", "target", "0"))
        .as("both are bad: one at a time")
        .hasMessage("--set limits.attempts: must be a whole number, not 'few'");
    String withoutModel = LEAST.replace("model: some-model\n", "");
    assertThatThrownBy(() -> overridden(withoutModel, "target", "0", "model", "given"))
        .as("what the file lacks is given")
        .hasMessage("--set target: target must be at least 1, not 0");
    assertThatThrownBy(() -> overridden(LEAST + "caps: 3\n", "target", "5"))
        .as("the file's own fault has its line")
        .hasMessage(
            "own.yaml:10: caps: must be keys below it (requests, tokens, usd, usdPerInstruction),"
                + " not 3");
  }

  @Test
  void anOptionIsNamedInPlaceOfSet() {
    assertThatThrownBy(
            () -> {
              try {
                overridden(LEAST, "rounds.seed", "7", "endpoint.dialect", "telepathy");
              } catch (ConfigException e) {
                throw e.toldOf(Map.of("endpoint.dialect", "--dialect"));
              }
            })
        .hasMessage(
            "--dialect: dialect must be one of [chat, completions, embedded], not 'telepathy'");
  }

  private static RunConfig overridden(String yaml, String... keysAndValues) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      overrides.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConfigReader.parse(yaml, "own.yaml", RunConfig.class, overrides);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "target: many|target",
        "target: 1.5|target",
        "target: [3]|target",
        "rounds: {seed: x}|rounds.seed",
        "rounds: 3|rounds",
        "includeSeeds: perhaps|includeSeeds",
        "exports: parquet|exports",
        "limits: {attempts: true}|limits.attempts"
      })
  void aValueOfTheWrongTypeIsNamedWithItsLine(String line, String key) {
    refused(LEAST + line + "\n", "own.yaml:10", key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "similarity: {threshold: 0.2}|threshold must lie in (0.3, 1], not 0.2",
        "rounds: {policy: shrinking}|policy must be fixed or growing, not 'shrinking'",
        "rounds: {size: 0}|size must be at least 1",
        "rounds: {size: 8, maxSize: 4}|maxSize at least size",
        "encoding: {layout: fancy}|layout must be random or plain, not 'fancy'",
        "encoding: {instructions: 0}|instructions must be at least 1",
        "endpoint: {dialect: telepathy}|dialect must be one of",
        "endpoint: {capabilities: many}|capabilities must be one of",
        "endpoint: {workers: 0}|workers must be at least 1",
        "reasoning: hide|reasoning must be strip or keep, not 'hide'",
        "classify: {decoding: {maxTokens: 3, extra: {temperature: 1}}}|extra must not set 'temperature': use the key temperature beside extra",
        "classify: {decoding: {maxTokens: 3, extra: {messages: []}}}|extra must not set 'messages'",
        "classify: {decoding: {maxTokens: 3, extra: {a: 99999999999999999999}}}|extra.a is no JSON value",
        "limits: {inFlight: 0}|must be at least 1",
        "limits: {attemptSeconds: 10, totalSeconds: 5}|totalSeconds at least attemptSeconds",
        "caps: {requests: -1}|requests must not be negative: -1",
        "caps: {tokens: -1}|tokens must not be negative: -1",
        "caps: {usd: -0.5}|usd must not be negative: -0.5",
        "limits: {requestsPerMinute: 0}|requestsPerMinute must be at least 1, not 0",
        "limits: {drainSeconds: -1}|drainSeconds must not be negative: -1",
        "target: 0|target must be at least 1, not 0",
        "parallelism: 0|parallelism must be at least 1, not 0",
        "prefilter: guess|prefilter must be one of",
        "exports: [csv]|unknown export 'csv'",
        "languages: [klingonese]|'klingonese' is no language's code: give ISO 639's",
        "classify: {}|the key 'classify.decoding' is missing",
        "instances: {prompt: a, parser: b}|the key 'instances.inputFirst' is missing"
      })
  void aValueThatARecordRefusesIsTold(String line, String why) {
    refused(LEAST + line + "\n", "own.yaml", why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"recipe", "stages", "seeds", "prompts", "model"})
  void aMissingKeyIsNamed(String key) {
    String without =
        LEAST
            .lines()
            .filter(line -> !line.startsWith(key + ":"))
            .reduce("", (a, b) -> a + b + "\n");
    refused(without, "own.yaml", "the key '" + key + "' is missing");
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    refused(LEAST + "target: 1\ntarget: 2\n", "own.yaml:11: the key 'target' stands twice");
  }

  @Test
  void whatIsNoYamlIsToldWithItsLine() {
    refused(LEAST + "target: [1\n", "own.yaml", "this is not YAML", "look at brackets, quotes");
    refused("", "own.yaml: this has no keys: fill it as the examples in conf/");
    refused("# nothing but words\n", "own.yaml: this has no keys");
  }

  @Test
  void aFileThatIsNotThereIsNamed() throws IOException {
    Path file = folder.resolve("none.yaml");
    assertThatThrownBy(() -> ConfigReader.read(file, RunConfig.class, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ": no such file: give the path of a configuration");
    Files.writeString(file, LEAST);
    assertThat(ConfigReader.read(file, RunConfig.class, Map.of())).isEqualTo(parse(LEAST));
  }
}
