package io.cria.config;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.task.Decides;
import io.cria.task.Key;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A judge's run file: whom to ask, in which words, within which bounds.
 *
 * <p>Relative paths are taken from the file's own folder. What a judgement is follows from the keys
 * that decide it (of prompts the content); the rest may change between invocations.
 */
public record JudgeConfig(
    @Decides @Key(value = "The model's name as the API knows it", needed = "gpt-4.1-mini")
        String model,
    @Decides
        @Key(
            "Folder with system.txt, review.txt, pair.txt, level.txt and again.txt; without"
                + " it the shipped one")
        @Nullable String prompts,
    @Decides @Key("What the server is told beside the prompt") DecodingConfig decoding,
    @Decides
        @Key(
            value =
                "strip takes one leading think block off an answer before it is read, keep"
                    + " reads it with the rest",
            oneOf = "Identity.REASONING")
        String reasoning,
    @Key("Where the model answers; without baseUrl at OPENAI_BASE_URL or OpenAI's address")
        Endpoint endpoint,
    @Key("How hard the endpoint is driven, and what it may fail") Limits limits,
    @Key(
            value = "What one judgement may take, over all its invocations",
            without = "usdPerInstruction")
        Caps caps,
    @Key(value = "Partitions of the paid job; without it Spark's default", min = 1)
        @Nullable Integer parallelism,
    @Key("Price list; without it conf/prices.yaml, yours or the shipped one")
        @Nullable String prices,
    @Decides @Key("Seed of the requests' own seeds, where decoding is seeded") Long seed) {
  /** Long enough for a few sentences and the form. */
  private static final int MAX_TOKENS = 512;

  public JudgeConfig {
    if (model == null || model.isBlank()) {
      throw new IllegalArgumentException("the key 'model' is missing");
    }
    decoding = Defaults.or(decoding, standardDecoding());
    reasoning = Defaults.or(reasoning, Identity.STRIP);
    endpoint = Defaults.or(endpoint, Endpoint.DEFAULT).answering();
    limits = Defaults.or(limits, Limits.DEFAULT);
    caps = Defaults.or(caps, Caps.DEFAULT);
    seed = Defaults.or(seed, 42L);
    if (!Identity.REASONING.contains(reasoning)) {
      throw new IllegalArgumentException(
          "reasoning must be one of " + Identity.REASONING + ", not '" + reasoning + "'");
    }
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("parallelism must be at least 1, not " + parallelism);
    }
    if (caps.usdPerInstruction() != null) {
      throw new IllegalArgumentException(
          "caps.usdPerInstruction: a judge accepts no instructions: give caps.usd");
    }
  }

  private static DecodingConfig standardDecoding() {
    return new DecodingConfig(
        MAX_TOKENS, 0.0, null, null, null, null, null, List.of(), Map.of(), false, Map.of());
  }

  /** Reads a file's text and lays the overrides (dotted key to YAML value) over it. */
  public static JudgeConfig parse(String text, String name, Map<String, String> overrides) {
    return ConfigReader.parse(text, name, JudgeConfig.class, overrides);
  }

  /** The same at another endpoint. */
  public JudgeConfig with(Endpoint other) {
    return new JudgeConfig(
        model, prompts, decoding, reasoning, other, limits, caps, parallelism, prices, seed);
  }

  /** What of it concerns the asking. */
  public AskConfig asking() {
    return new AskConfig(model, reasoning, endpoint, limits, caps, parallelism, seed);
  }
}
