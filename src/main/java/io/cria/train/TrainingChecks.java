package io.cria.train;

import io.cria.sft.BaseModel;
import io.cria.sft.SftRunFile;
import io.cria.shard.LocalDirectory;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.weights.GgufModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;

/** What is looked at before ranks are started, so that nobody waits for them in vain. */
final class TrainingChecks {
  private static final String SHARDS = "shards";
  private static final String CONFIG = "config.json";
  private static final String DEVICE = "training.device";

  private TrainingChecks() {}

  /**
   * @throws CriaException (bad input) where barrier stages are refused by Spark
   */
  static void requireFixedExecutors(SparkConf conf) {
    String key = "spark.dynamicAllocation.enabled";
    if (conf.getBoolean(key, false)) {
      throw CriaException.badInput(
          key
              + "=true: ranks train at once or not at all, which Spark does not do with executors"
              + " that come and go: set it to false for this command");
    }
  }

  /**
   * @throws CriaException (bad input) when the run file and the ranks do not fit one another
   */
  static void requireDevice(SftRunFile file) {
    String device = file.training().device();
    if (device.startsWith("cuda") && file.cluster().gpusPerRank() == 0) {
      throw CriaException.badInput(
          "training.device is "
              + device
              + ", and cluster.gpusPerRank 0 gives a rank none: set it to 1, or the device to cpu");
    }
  }

  /**
   * What the ranks are told of their device, so that all have the same kind: {@code auto} means a
   * GPU for ranks that are given one, and a rank that cannot use it refuses, with the reason. Ranks
   * that are given none do not take what is in use by others.
   */
  static Map<String, String> device(SftRunFile file) {
    if (file.cluster().gpusPerRank() == 0) {
      return Map.of(DEVICE, "cpu");
    }
    return file.training().device().equals("auto") ? Map.of(DEVICE, "cuda") : Map.of();
  }

  /**
   * The manifest of the run's shards.
   *
   * @param sftConf how the user called the run file
   * @throws CriaException (bad input) when there is no run, or it has none
   */
  static Manifest shards(RunDirectory run, String sftConf) {
    if (!run.exists("run.json")) {
      throw CriaException.badInput(
          run.root() + ": there is no run here (no run.json): give the directory of a run");
    }
    return new Commits(run)
        .manifest(SHARDS)
        .orElseThrow(
            () ->
                CriaException.badInput(
                    run.root()
                        + " has no shards to train on: write them first, with cria stage shards"
                        + " --run "
                        + run.root()
                        + " --sft-conf "
                        + sftConf));
  }

  /**
   * What the driver learnt of a base model.
   *
   * @param config text of its config.json; empty where that is not at hand
   * @param templateHash of the run file's layout for it; empty where only the ranks can tell
   */
  record Described(String config, String templateHash) {}

  /**
   * Holds the shards against model and layout. A GGUF file on a store is looked at by the ranks.
   *
   * @throws CriaException (bad input) when the shards are of another tokenizer or layout
   */
  static Described requireMadeFor(
      Manifest shards, BaseFiles base, TemplateSource template, Consumer<String> messages)
      throws IOException {
    if (base.isLocal()) {
      return requireMadeFor(shards, base.local(), template, messages);
    }
    if (base.isGguf()) {
      return new Described("", input(shards, "template").orElse(""));
    }
    Path copy = Files.createTempDirectory("cria-base");
    try {
      base.fetchDescription(copy);
      return requireMadeFor(shards, copy, template, messages);
    } finally {
      LocalDirectory.delete(copy);
    }
  }

  private static Described requireMadeFor(
      Manifest shards, Path base, TemplateSource template, Consumer<String> messages)
      throws IOException {
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(base)) {
      template.notice(tokenizer).ifPresent(messages);
      String own = Ids.sha256(tokenizer.json());
      String theirs = input(shards, "tokenizer").orElse("");
      if (!own.equals(theirs)) {
        throw CriaException.badInput(
            "the run's shards are of another tokenizer ("
                + head(theirs)
                + ", the base model's is "
                + head(own)
                + "): give the --base they were written for, or write them again with cria stage"
                + " shards");
      }
      String hash = template.template(tokenizer).hash();
      if (!hash.equals(input(shards, "template").orElse(""))) {
        throw CriaException.badInput(
            "the run's shards are of another layout than "
                + template.name()
                + ": write them again with cria stage shards, or set template to theirs");
      }
      return new Described(config(base), hash);
    }
  }

  private static Optional<String> input(Manifest shards, String path) {
    return shards.inputs().stream()
        .filter(input -> input.path().equals(path))
        .map(Manifest.Input::sha256)
        .findFirst();
  }

  /** A GGUF file has it in its header. */
  private static String config(Path base) throws IOException {
    if (Files.isRegularFile(base)) {
      return GgufModel.open(base).config().toString();
    }
    Path file = base.resolve(CONFIG);
    return Files.isRegularFile(file) ? Files.readString(file) : "";
  }

  private static String head(String hash) {
    return hash.substring(0, Math.min(8, hash.length()));
  }
}
