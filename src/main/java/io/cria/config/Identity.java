package io.cria.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run is. Hashed into run.json; a run directory refuses another identity.
 *
 * @param recipe name of the recipe; stands in the examples
 * @param stages the recipe's stages in order, of {@code generate, classify, instances, dataset}
 * @param seeds path of the seed tasks; its content is hashed, not its path
 * @param prompts folder of the prompt templates; its content is hashed, not its path
 * @param model the model's name as the API knows it
 * @param generate how instructions are asked for, read and filtered
 * @param classify how an instruction is asked whether it is a classification task; null where the
 *     recipe does not ask
 * @param instances how instances are asked for and read; null where the generating answer has them
 *     already
 * @param similarity the rule against near-duplicates
 * @param rounds how the work is cut into rounds
 * @param encoding how examples are encoded for fine-tuning
 * @param reasoning {@code strip} takes one block of thinking off the beginning of an answer before
 *     it is read, {@code keep} reads it with the rest
 */
public record Identity(
    String recipe,
    List<String> stages,
    String seeds,
    String prompts,
    String model,
    Generate generate,
    @Nullable Classify classify,
    @Nullable Instances instances,
    Similarity similarity,
    Rounds rounds,
    Encoding encoding,
    String reasoning) {
  public static final String STRIP = "strip";
  public static final List<String> REASONING = List.of(STRIP, "keep");

  /**
   * @param prompt which prompt: {@code self-instruct}, {@code alpaca} or {@code quickstart}
   * @param classificationOnly sample and ask for classification tasks only
   * @param parser {@code numbered-list}, {@code alpaca-blocks} or {@code single-line}
   * @param decoding what the server is told
   * @param filters heuristics in the order tested: each {name, and its parameters}
   */
  public record Generate(
      String prompt,
      Boolean classificationOnly,
      String parser,
      DecodingConfig decoding,
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

  /**
   * @param decoding what the server is told when it is asked the classification question
   */
  public record Classify(DecodingConfig decoding) {
    public Classify {
      require(decoding, "classify.decoding");
    }
  }

  /**
   * @param prompt {@code self-instruct} (output-first for classification, input-first otherwise) or
   *     {@code quickstart}
   * @param parser {@code self-instruct} or {@code single-output}
   * @param outputFirst decoding for classification tasks
   * @param inputFirst decoding for all others
   * @param maxInstances kept of one instruction; a seeded sample in order of appearance
   */
  public record Instances(
      String prompt,
      String parser,
      DecodingConfig outputFirst,
      DecodingConfig inputFirst,
      Integer maxInstances) {
    public Instances {
      require(prompt, "instances.prompt");
      require(parser, "instances.parser");
      require(inputFirst, "instances.inputFirst");
      outputFirst = Defaults.or(outputFirst, inputFirst);
      maxInstances = Defaults.or(maxInstances, 5);
      if (maxInstances < 1) {
        throw new IllegalArgumentException("maxInstances must be at least 1, not " + maxInstances);
      }
    }
  }

  /**
   * @param threshold ROUGE-L F above which a text is rejected, in (0.3, 1]
   * @param tokenizer {@code rouge-en} or {@code unicode-1}
   */
  public record Similarity(Double threshold, String tokenizer) {
    public static final Similarity DEFAULT = new Similarity(0.7, "rouge-en");

    public Similarity {
      threshold = Defaults.or(threshold, 0.7);
      tokenizer = Defaults.or(tokenizer, "rouge-en");
      if (!(threshold > 0.3 && threshold <= 1)) {
        throw new IllegalArgumentException("threshold must lie in (0.3, 1], not " + threshold);
      }
    }
  }

  /**
   * @param policy {@code fixed} (every round of {@code size}) or {@code growing} (doubles while
   *     acceptance holds)
   * @param size requests of the first round
   * @param maxSize requests a round may have
   * @param max rounds a run may have
   * @param barren rounds without one kept instruction, in a row, after which a run ends
   * @param seed of every sample of the run
   */
  public record Rounds(
      String policy, Integer size, Integer maxSize, Integer max, Integer barren, Long seed) {
    public static final Rounds DEFAULT = new Rounds("growing", 8, 4096, 100_000, 5, 42L);

    public Rounds {
      policy = Defaults.or(policy, "growing");
      size = Defaults.or(size, 8);
      maxSize = Defaults.or(maxSize, 4096);
      max = Defaults.or(max, 100_000);
      barren = Defaults.or(barren, 5);
      seed = Defaults.or(seed, 42L);
      if (!policy.equals("fixed") && !policy.equals("growing")) {
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

  /**
   * @param layout {@code random} (one of Self-Instruct's layouts, seeded) or {@code plain}
   * @param endOfText what ends every completion; the published data has {@code <|endoftext|>}
   * @param instructions how many sampled instructions the dataset takes; null for all
   */
  public record Encoding(String layout, String endOfText, @Nullable Integer instructions) {
    public static final Encoding DEFAULT = new Encoding("plain", "", null);

    public Encoding {
      layout = Defaults.or(layout, "plain");
      endOfText = Defaults.or(endOfText, "");
      if (!layout.equals("random") && !layout.equals("plain")) {
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
