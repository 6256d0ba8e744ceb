package io.cria.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cria.task.Decides;
import io.cria.task.Key;
import io.cria.task.Labels;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run is. Hashed into run.json; a run directory refuses another identity. Of seeds and
 * prompts the content counts, not the path.
 */
@Decides
public record Identity(
    @Key(
            value = "Name of the recipe; stands in the examples and on the card",
            needed = "self-instruct")
        String recipe,
    @Key(
            value =
                "The recipe's stages in order, of generate, classify, instances, moderate"
                    + " and dataset",
            needed = "[generate, instances, dataset]")
        List<String> stages,
    @Key(value = "File of the seed tasks, JSON lines", needed = "seeds/seed_tasks.jsonl")
        String seeds,
    @Key(value = "Folder of the prompt templates", needed = "prompts/self-instruct") String prompts,
    @Key(value = "The model's name as the API knows it", needed = "gpt-4.1-mini") String model,
    @Key(value = "How instructions are asked for, read and filtered", needed = "section")
        Generate generate,
    @Key(
            "How an instruction is asked whether it is a classification task; for recipes"
                + " with the stage classify")
        @Nullable Classify classify,
    @Key(
            "How inputs and outputs are asked for and read; without it the answers of"
                + " generate have them already")
        @Nullable Instances instances,
    @Key("The rule against near-duplicates") Similarity similarity,
    @Key("How the work is cut into rounds") Rounds rounds,
    @Key("How examples are encoded for fine-tuning") Encoding encoding,
    @Key(
            value =
                "strip takes one leading think block off an answer before it is read, keep"
                    + " reads it with the rest",
            oneOf = "REASONING")
        String reasoning,
    @Key(
            "Code of the language that the examples are in, such as ko, for the card;"
                + " without it not said")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String language,
    @Key(
            "The words between the texts; without it the published programs', as are those"
                + " left out of it")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Labels labels) {
  public static final String STRIP = "strip";
  public static final List<String> REASONING = List.of(STRIP, "keep");

  /** How instructions are asked for, read and filtered. */
  public record Generate(
      @Key(
              value =
                  "Which prompt is built from the templates: self-instruct, alpaca or quickstart",
              needed = "self-instruct")
          String prompt,
      @Key("Samples and asks for classification tasks only; with the prompt self-instruct")
          Boolean classificationOnly,
      @Key(
              value =
                  "How an answer is read: numbered-list, alpaca-blocks or single-line; with"
                      + " labels also lenient-list or lenient-blocks",
              needed = "numbered-list")
          String parser,
      @Key(value = "What the server is told beside the prompt", needed = "section")
          DecodingConfig decoding,
      @Key("Heuristics in the order tested; the first that rejects a text names the reason")
          List<Map<String, Object>> filters) {
    public Generate {
      require(prompt, "generate.prompt");
      require(parser, "generate.parser");
      require(decoding, "generate.decoding");
      classificationOnly = Defaults.or(classificationOnly, false);
      filters =
          Defaults.or(filters, List.<Map<String, Object>>of()).stream().map(Map::copyOf).toList();
    }
  }

  /** How an instruction is asked whether it is a classification task. */
  public record Classify(
      @Key(value = "What the server is told with the question", needed = "section")
          DecodingConfig decoding,
      @Key(
              value = "How an answer is read: exact, the published rule, or lenient",
              otherwise = "exact")
          @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable String parser) {
    public Classify {
      require(decoding, "classify.decoding");
    }
  }

  /** How instances are asked for and read. */
  public record Instances(
      @Key(
              value =
                  "self-instruct (output first for classification tasks, input first for"
                      + " others) or quickstart",
              needed = "self-instruct")
          String prompt,
      @Key(
              value = "How an answer is read: self-instruct, single-output or lenient-instances",
              needed = "self-instruct")
          String parser,
      @Key(value = "What the server is told for classification tasks", otherwise = "as inputFirst")
          DecodingConfig outputFirst,
      @Key(value = "What the server is told for all other tasks", needed = "section")
          DecodingConfig inputFirst,
      @Key(
              value = "Instances kept of one instruction; a seeded sample in order of appearance",
              min = 1)
          Integer maxInstances,
      @Key(
              "Heuristics on what the parser kept, in the order tested; the first that"
                  + " rejects a text names the reason")
          @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<Map<String, Object>> filters) {
    public Instances {
      require(prompt, "instances.prompt");
      require(parser, "instances.parser");
      require(inputFirst, "instances.inputFirst");
      outputFirst = Defaults.or(outputFirst, inputFirst);
      maxInstances = Defaults.or(maxInstances, 5);
      filters = filters == null ? null : filters.stream().map(Map::copyOf).toList();
      if (maxInstances < 1) {
        throw new IllegalArgumentException("maxInstances must be at least 1, not " + maxInstances);
      }
    }
  }

  /** The rule against near-duplicates. */
  public record Similarity(
      @Key(value = "ROUGE-L F above which a text is rejected", above = 0.3, max = 1)
          Double threshold,
      @Key(
              "How texts are cut into tokens: rouge-en; unicode-1 for languages beside"
                  + " English, korean-1 for Korean")
          String tokenizer) {
    public static final Similarity DEFAULT = new Similarity(0.7, "rouge-en");

    public Similarity {
      threshold = Defaults.or(threshold, 0.7);
      tokenizer = Defaults.or(tokenizer, "rouge-en");
      if (!(threshold > 0.3 && threshold <= 1)) {
        throw new IllegalArgumentException("threshold must lie in (0.3, 1], not " + threshold);
      }
    }
  }

  /** How the work is cut into rounds. */
  public record Rounds(
      @Key(
              value =
                  "fixed has every round of the same size, growing doubles them while"
                      + " acceptance holds, up to maxSize",
              oneOf = "POLICIES")
          String policy,
      @Key(value = "Requests of the first round", min = 1) Integer size,
      @Key(value = "Requests that a round may have; at least size", min = 1) Integer maxSize,
      @Decides(false) @Key(value = "Rounds that a run may have", min = 1) Integer max,
      @Decides(false)
          @Key(
              value = "Rounds in a row without one kept instruction after which a run ends",
              min = 1)
          Integer barren,
      @Key("Seed of every sample of the run") Long seed) {
    public static final List<String> POLICIES = List.of("fixed", "growing");
    public static final Rounds DEFAULT = new Rounds("growing", 8, 4096, 100_000, 5, 42L);

    public Rounds {
      policy = Defaults.or(policy, "growing");
      size = Defaults.or(size, 8);
      maxSize = Defaults.or(maxSize, 4096);
      max = Defaults.or(max, 100_000);
      barren = Defaults.or(barren, 5);
      seed = Defaults.or(seed, 42L);
      if (!POLICIES.contains(policy)) {
        throw new IllegalArgumentException("policy must be fixed or growing, not '" + policy + "'");
      }
      if (size < 1 || maxSize < size || max < 1 || barren < 1) {
        throw new IllegalArgumentException(
            "size must be at least 1, maxSize at least size, max and barren at least 1; not "
                + size
                + ", "
                + maxSize
                + ", "
                + max);
      }
    }
  }

  /** How examples are encoded for fine-tuning. */
  public record Encoding(
      @Key(
              value = "random takes one of Self-Instruct's layouts, seeded; plain always the same",
              oneOf = "LAYOUTS")
          String layout,
      @Key("What ends every completion; the published data has <|endoftext|>") String endOfText,
      @Key(
              value = "Instructions that the encoded file takes, a seeded sample; without it all",
              min = 1)
          @Nullable Integer instructions) {
    public static final List<String> LAYOUTS = List.of("random", "plain");
    public static final Encoding DEFAULT = new Encoding("plain", "", null);

    public Encoding {
      layout = Defaults.or(layout, "plain");
      endOfText = Defaults.or(endOfText, "");
      if (!LAYOUTS.contains(layout)) {
        throw new IllegalArgumentException("layout must be random or plain, not '" + layout + "'");
      }
      if (instructions != null && instructions < 1) {
        throw new IllegalArgumentException("instructions must be at least 1, not " + instructions);
      }
    }
  }

  public Identity {
    require(recipe, "recipe");
    require(stages, "stages");
    require(seeds, "seeds");
    require(prompts, "prompts");
    require(model, "model");
    require(generate, "generate");
    similarity = Defaults.or(similarity, Similarity.DEFAULT);
    rounds = Defaults.or(rounds, Rounds.DEFAULT);
    encoding = Defaults.or(encoding, Encoding.DEFAULT);
    reasoning = Defaults.or(reasoning, STRIP);
    if (!REASONING.contains(reasoning)) {
      throw new IllegalArgumentException(
          "reasoning must be strip or keep, not '" + reasoning + "'");
    }
    stages = List.copyOf(stages);
  }

  private static void require(@Nullable Object value, String key) {
    if (value == null || value.equals("")) {
      throw new IllegalArgumentException("the key '" + key + "' is missing");
    }
    Objects.requireNonNull(value);
  }
}
