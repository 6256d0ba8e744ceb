package io.cria.config;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.task.Decides;
import io.cria.task.ExtraFields;
import io.cria.task.Key;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The run file of an evaluation. Relative names in it are taken from its own folder.
 *
 * <p>How answers are judged may change: they are made once.
 */
public record EvaluationConfig(
    @Decides
        @Key(
            "Evaluation set: a folder with tasks, facts, equal, refuse and harmless"
                + " (.jsonl), or a file of tasks")
        String set,
    @Decides
        @Key(
            value = "Items of each section that are taken, the first ones; without it all",
            min = 1)
        @Nullable Integer limit,
    @Decides @Key(value = "What of the set is asked", oneOf = "SECTIONS") List<String> sections,
    @Decides
        @Key(
            value = "Who is compared, each by a name of its own, in the order told; at least two",
            needed = "{small: {endpoint: {}, model: small}, large: {endpoint: {}, model: large}}")
        Map<String, Answerer> answerers,
    @Decides @Key("How all of them write") Generation generation,
    @Key(
            value =
                "How answers to tasks are judged: pairs, which of two is better; levels,"
                    + " each by itself from A to D",
            oneOf = "MODES")
        String mode,
    @Decides(false)
        @Key(
            value =
                "A model that judges; without it people do (--verdicts), or the set's own"
                    + " rules alone",
            without = {"caps", "prices"})
        @Nullable JudgeConfig judge,
    @Decides
        @Key("Seed of the order and the sides in which answers are shown, and of the intervals")
        Long seed,
    @Key("How hard the answerers' endpoints are driven, and what they may fail") Limits limits,
    @Key(
            value = "What answers and judge together may take, over all invocations",
            without = "usdPerInstruction")
        Caps caps,
    @Key(value = "Partitions of a paid job; without it Spark's default", min = 1)
        @Nullable Integer parallelism,
    @Key("Price list; without it conf/prices.yaml, yours or the shipped one")
        @Nullable String prices) {
  public static final String SHIPPED_SET = "shipped:conf/evaluation";
  public static final String PAIRS = "pairs";
  public static final String LEVELS = "levels";
  public static final List<String> MODES = List.of(PAIRS, LEVELS);
  public static final List<String> SECTIONS =
      List.of("tasks", "facts", "equal", "refuse", "harmless");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");

  /**
   * Who answers: a checkpoint in Cria's own engine, a GGUF file in llama.cpp, or whoever is behind
   * an endpoint. One of the three.
   */
  public record Answerer(
      @Key("A model's directory, or an adapter's; it answers in Cria's own engine")
          @Nullable String checkpoint,
      @Key("A LoRA adapter to put on the checkpoint") @Nullable String adapter,
      @Key("A model as a GGUF file; it answers in llama.cpp") @Nullable String gguf,
      @Decides(false)
          @Key(
              "Where a model answers over HTTP; without baseUrl at OPENAI_BASE_URL or"
                  + " OpenAI's address")
          @Nullable Endpoint endpoint,
      @Key("The model's name at the endpoint, which needs one") @Nullable String model,
      @Key(
              value =
                  "strip takes one leading think block off an answer before it is read, keep"
                      + " reads it with the rest; of an endpoint or a GGUF file",
              oneOf = "Identity.REASONING")
          String reasoning,
      @Key("Fields of the provider's own that are sent to the endpoint as they are")
          Map<String, @Nullable Object> extra) {
    public Answerer {
      reasoning = Defaults.or(reasoning, Identity.STRIP);
      extra = ExtraFields.checked(Defaults.or(extra, Map.<String, @Nullable Object>of()));
      int kinds =
          (checkpoint == null ? 0 : 1) + (gguf == null ? 0 : 1) + (endpoint == null ? 0 : 1);
      // none at all is told with the name: an unknown key may be why, and that is told first
      if (kinds > 1) {
        throw new IllegalArgumentException(
            "an answerer of several kinds: give one of checkpoint, gguf and endpoint");
      }
      if (adapter != null && checkpoint == null) {
        throw new IllegalArgumentException(
            "adapter goes with checkpoint: give the model's directory as checkpoint");
      }
      if (endpoint != null && (model == null || model.isBlank())) {
        throw new IllegalArgumentException(
            "the key 'model' is missing: what the endpoint calls the model");
      }
      if (kinds == 1 && endpoint == null && model != null) {
        throw new IllegalArgumentException(
            "model goes with endpoint: a checkpoint or a file is the model");
      }
      if (endpoint != null && endpoint.isEmbedded()) {
        throw new IllegalArgumentException(
            "endpoint.dialect must be chat or completions: give the file of an embedded model as"
                + " gguf");
      }
      if (!extra.isEmpty() && kinds == 1 && endpoint == null) {
        throw new IllegalArgumentException("extra goes with endpoint: remove it");
      }
      if (!Identity.REASONING.contains(reasoning)) {
        throw new IllegalArgumentException(
            "reasoning must be strip or keep, not '" + reasoning + "'");
      }
    }
  }

  /** How answers are written, the same for all. */
  public record Generation(
      @Key(value = "Tokens that an answer may have", min = 1) Integer maxTokens,
      @Key(value = "Sampling temperature; 0 always takes the likeliest token", min = 0)
          Double temperature,
      @Key(value = "Answers that Cria's engine writes side by side", min = 1) Integer batch,
      @Key("Seed of the draws at a temperature above 0") Long seed) {
    public static final Generation DEFAULT = new Generation(512, 0.0, 8, 0L);

    public Generation {
      maxTokens = Defaults.or(maxTokens, 512);
      temperature = Defaults.or(temperature, 0.0);
      batch = Defaults.or(batch, 8);
      seed = Defaults.or(seed, 0L);
      if (maxTokens < 1 || batch < 1) {
        throw new IllegalArgumentException(
            "maxTokens and batch must be at least 1, not " + maxTokens + " and " + batch);
      }
      if (!(temperature >= 0)) {
        throw new IllegalArgumentException("temperature must be at least 0, not " + temperature);
      }
    }

    /** As an endpoint is told. */
    public DecodingConfig decoding(Map<String, @Nullable Object> extra) {
      return new DecodingConfig(
          maxTokens,
          temperature,
          null,
          null,
          null,
          null,
          null,
          List.of(),
          Map.of(),
          temperature > 0,
          new TreeMap<>(extra));
    }
  }

  public EvaluationConfig {
    set = Defaults.or(set, SHIPPED_SET);
    sections = List.copyOf(Defaults.or(sections, SECTIONS));
    generation = Defaults.or(generation, Generation.DEFAULT);
    mode = Defaults.or(mode, PAIRS);
    seed = Defaults.or(seed, 42L);
    limits = Defaults.or(limits, Limits.DEFAULT);
    caps = Defaults.or(caps, Caps.DEFAULT);
    answerers =
        Collections.unmodifiableMap(
            new LinkedHashMap<>(Defaults.or(answerers, Map.<String, Answerer>of())));
    if (answerers.size() < 2) {
      throw new IllegalArgumentException(
          "the key 'answerers' names "
              + (answerers.isEmpty() ? "none" : "one")
              + ": an evaluation compares at least two, each by a name of its own");
    }
    answerers.forEach(EvaluationConfig::requireAnswerer);
    if (limit != null && limit < 1) {
      throw new IllegalArgumentException("limit must be at least 1, not " + limit);
    }
    if (sections.isEmpty()) {
      throw new IllegalArgumentException("sections is empty: name some of " + SECTIONS);
    }
    for (String section : sections) {
      if (!SECTIONS.contains(section)) {
        throw new IllegalArgumentException(
            "sections has no '" + section + "': known are " + SECTIONS);
      }
    }
    if (!MODES.contains(mode)) {
      throw new IllegalArgumentException("mode must be one of " + MODES + ", not '" + mode + "'");
    }
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("parallelism must be at least 1, not " + parallelism);
    }
    if (caps.usdPerInstruction() != null) {
      throw new IllegalArgumentException(
          "caps.usdPerInstruction: an evaluation accepts no instructions: give caps.usd");
    }
    if (judge != null && (judge.caps().areSet() || judge.prices() != null)) {
      throw new IllegalArgumentException(
          "judge has caps or prices of its own: give caps and prices for answers and judge"
              + " together, beside judge");
    }
  }

  /** The same with other answerers. */
  public EvaluationConfig with(Map<String, Answerer> others) {
    return new EvaluationConfig(
        set,
        limit,
        sections,
        others,
        generation,
        mode,
        judge,
        seed,
        limits,
        caps,
        parallelism,
        prices);
  }

  /** Of an endpoint that answers. */
  public AskConfig asking(Answerer answerer, Endpoint endpoint, String model) {
    return new AskConfig(
        model, answerer.reasoning(), endpoint, limits, caps, parallelism, generation.seed());
  }

  private static void requireAnswerer(String name, @Nullable Answerer answerer) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "answerers has a name that cannot be used, '"
              + name
              + "': take letters, digits, '.', '_' and '-', the first a letter or a digit, at most"
              + " 40");
    }
    if (answerer == null
        || (answerer.checkpoint() == null
            && answerer.gguf() == null
            && answerer.endpoint() == null)) {
      throw new IllegalArgumentException(
          "answerers."
              + name
              + " is an answerer of no known kind: give one of checkpoint, gguf and endpoint");
    }
  }

  /**
   * Reads a run file's text and lays the overrides (dotted key to YAML value) over it.
   *
   * @param name the file's name, for messages
   */
  public static EvaluationConfig parse(String text, String name, Map<String, String> overrides) {
    return ConfigReader.parse(text, name, EvaluationConfig.class, overrides);
  }
}
