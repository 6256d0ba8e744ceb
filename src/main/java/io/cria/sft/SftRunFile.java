package io.cria.sft;

import io.cria.config.ConfigReader;
import io.cria.sft.train.SftConfig;
import io.cria.shard.ShardPlan;
import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import io.cria.task.Decides;
import io.cria.task.Key;
import io.cria.task.Terms;
import io.cria.tokenizer.TemplateSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning run file, such as conf/sft-alpaca.yaml. Relative paths are taken from the run
 * file's own folder.
 */
public record SftRunFile(
    @Decides
        @Key(
            "The model to tune: a directory with config.json, safetensors and"
                + " tokenizer.json, a GGUF file, or embedded for the quickstart's small model;"
                + " without it --base names one")
        @Nullable String base,
    @Decides @Key("chat for the model's own chat form, or a template file") String template,
    @Decides @Key("How the dataset is tokenised and packed into rows") Shards shards,
    @Key(
            value = "How it is learnt",
            without = {"model", "train", "evaluation", "output"})
        SftConfig training,
    @Key("How cria train runs its ranks on a cluster; decides nothing that is learnt")
        ClusterConfig cluster,
    @Key("Under which terms the tuned model is handed on; for its card") Terms terms,
    @Key("What base and data are called where the tuned model is handed on; for its card")
        CardConfig card) {
  /** Names the small model of the quickstart in the user's cache. */
  public static final String EMBEDDED = "embedded";

  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

  /** How a dataset is tokenised and packed into rows. */
  public record Shards(
      @Key(value = "Tokens of a row at most", min = 2) Integer contextLength,
      @Key(
              value =
                  "drop leaves an example with more tokens out, cut cuts its end off; either"
                      + " is counted",
              oneOf = "TOO_LONG")
          String tooLong,
      @Key("Whether a row may hold several examples, each attending to itself alone") Boolean pack,
      @Key(value = "Share of the instructions held out for evaluation", min = 0, below = 1)
          Double evaluationShare,
      @Key("Seed of the choice of what is held out") Long seed) {
    public static final List<String> TOO_LONG = List.of("drop", "cut");
    public static final Shards DEFAULT = new Shards(512, "drop", true, 0.02, 42L);

    public Shards {
      contextLength = or(contextLength, 512);
      tooLong = or(tooLong, "drop");
      pack = or(pack, true);
      evaluationShare = or(evaluationShare, 0.02);
      seed = or(seed, 42L);
      require(contextLength >= 2, "shards.contextLength must be at least 2, not " + contextLength);
      require(
          TOO_LONG.contains(tooLong),
          "shards.tooLong must be one of " + TOO_LONG + ", not '" + tooLong + "'");
      require(
          evaluationShare >= 0 && evaluationShare < 1,
          "shards.evaluationShare must lie in [0, 1), not " + evaluationShare);
    }

    /** The plan for all who write shards. */
    public ShardPlan plan() {
      return new ShardPlan(
          contextLength,
          tooLong.equals("cut"),
          pack,
          evaluationShare,
          seed,
          ShardPlan.EXAMPLES_PER_PART);
    }
  }

  public SftRunFile {
    template = or(template, TemplateSource.CHAT);
    shards = or(shards, Shards.DEFAULT);
    training = or(training, SftConfig.DEFAULT);
    cluster = or(cluster, ClusterConfig.DEFAULT);
    terms = or(terms, Terms.NONE);
    card = or(card, CardConfig.DEFAULT);
    require(
        !training.hasPlaces(),
        "training.model, train, evaluation and output are no keys of a run file: base names the"
            + " model, the command line the rest");
  }

  /**
   * Reads a run file and lays the overrides (dotted key to YAML value) over it.
   *
   * @param name a file on this machine's disk, or what {@link Shipped#meant} takes it for
   */
  public static SftRunFile read(String name, Map<String, String> overrides) {
    Optional<String> shipped = Shipped.FILES.meant(name);
    if (shipped.isPresent()) {
      return shipped(shipped.get(), overrides);
    }
    Path file = Path.of(name);
    if (!Files.exists(file)) {
      throw absent(name);
    }
    SftRunFile read = ConfigReader.read(file, SftRunFile.class, overrides);
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
    return read.withPathsFrom(folder, "");
  }

  /** The text of a run file that is there; empty for others, which {@link #read} tells of. */
  public static Optional<String> text(String name) {
    Optional<String> shipped = Shipped.FILES.meant(name);
    try {
      return shipped.isPresent()
          ? Optional.of(Shipped.FILES.text(shipped.get()))
          : Files.isRegularFile(Path.of(name))
              ? Optional.of(Files.readString(Path.of(name)))
              : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static SftRunFile shipped(String name, Map<String, String> overrides) {
    try {
      String text = Shipped.FILES.text(name);
      Path folder = Objects.requireNonNull(Path.of(name).getParent(), "shipped below conf/");
      return ConfigReader.parse(text, name, SftRunFile.class, overrides)
          .withPathsFrom(folder, Shipped.SCHEME);
    } catch (IOException e) {
      throw absent(name);
    }
  }

  private static CriaException absent(String name) {
    return CriaException.badInput(
        name + ": no such file: give the path of a configuration" + Shipped.FILES.instead(name));
  }

  /**
   * @param scheme what a file of the folder is called by, before its path
   */
  private SftRunFile withPathsFrom(Path folder, String scheme) {
    String from =
        base == null || base.equals(EMBEDDED) || isAddress(base)
            ? base
            : folder.resolve(base).normalize().toString();
    return new SftRunFile(from, layout(folder, scheme), shards, training, cluster, terms, card);
  }

  private String layout(Path folder, String scheme) {
    if (template.equals(TemplateSource.CHAT) || template.startsWith(Shipped.SCHEME)) {
      return template;
    }
    Path beside = folder.resolve(template).normalize();
    if (beside.isAbsolute() && !Files.exists(beside) && Shipped.FILES.has(template)) {
      return Shipped.SCHEME + template;
    }
    return beside.isAbsolute() ? beside.toString() : scheme + beside;
  }

  /** Whether a place is named with its file system, such as {@code s3a://bucket/model}. */
  public static boolean isAddress(String place) {
    return ADDRESS.matcher(place).matches();
  }

  /** The layout, read from its file. */
  public TemplateSource templateSource() {
    return TemplateSource.read(template, Path.of(""));
  }

  private static <T> T or(@Nullable T value, T ifAbsent) {
    return value == null ? ifAbsent : value;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
