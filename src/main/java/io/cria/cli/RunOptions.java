package io.cria.cli;

import io.cria.config.AskConfig;
import io.cria.config.ConfigException;
import io.cria.config.RunConfig;
import io.cria.pipeline.RunInputs;
import io.cria.stage.ModerateStage;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.FileNotFoundException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What run, stage and dry-run may say over a run file. */
final class RunOptions {
  /** What {@code --retry-rejected} does, in the words of the help. */
  static final String RETRY_REJECTED =
      "Ask requests again that the server rejected or that failed in all their attempts, once the"
          + " cause is mended, and make anew what follows: in the stages that ask about"
          + " instructions, and in the last round of generation. Earlier rounds of generation stay"
          + " as they are, which a note tells: the prompts of later rounds hang on them.";

  /** The price list of run files that name none. */
  static final String PRICES = "conf/prices.yaml";

  @Option(
      names = "--seeds",
      paramLabel = "FILE",
      description = "Seed tasks in place of the run file's.")
  @Nullable String seeds;

  @Mixin EndpointOptions asked = new EndpointOptions();

  @Option(names = "--target", paramLabel = "N", description = "Kept instructions wanted.")
  @Nullable Integer target;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the run file, such as rounds.seed=7. May be repeated.")
  List<String> settings = List.of();

  /** The inputs from a run file with these options laid over it. */
  RunInputs fromFile(String name) {
    Configuration hadoop = Hadoop.configuration();
    Location file = Location.of(name, hadoop);
    Map<String, String> overrides = overrides();
    if (seeds != null) {
      overrides.put("seeds", EndpointOverrides.quoted(given(seeds, hadoop).absolute()));
    }
    String text = file.text("give the path of a configuration");
    RunFileKind.RUN.require(text, name);
    try {
      overrides.replaceAll(CommandLinePaths::absolute);
      asked.resolve(RunConfig.parse(text, name, overrides).endpoint(), overrides);
      return RunInputs.fromFile(
          file, text, overrides, Location.of(System.getProperty("cria.prices", PRICES), hadoop));
    } catch (ConfigException e) {
      throw e.toldOf(names());
    }
  }

  /** Told under the name that was given, while it is known. */
  private static Location given(String seeds, Configuration hadoop) {
    Location file = Location.of(seeds, hadoop);
    if (!file.exists()) {
      throw file.unreadable(
          "give the path of a file of seed tasks (JSONL)", new FileNotFoundException(seeds));
    }
    return file;
  }

  /** The inputs a run directory keeps, with these options laid over them. */
  RunInputs fromRun(RunDirectory run) {
    if (seeds != null) {
      throw CriaException.badInput(
          "--seeds: the run has its seeds already: name the run file too, or leave --seeds out");
    }
    Map<String, String> overrides = overrides();
    try {
      overrides.replaceAll(CommandLinePaths::absolute);
      asked.resolve(RunInputs.fromRun(run, overrides).config().endpoint(), overrides);
      return RunInputs.fromRun(run, overrides);
    } catch (ConfigException e) {
      throw e.toldOf(names());
    }
  }

  /** Keys that another option than {@code --set} has set, with the name a user knows it by. */
  private Map<String, String> names() {
    Map<String, String> names = asked.names(settings);
    EndpointOverrides.put(names, "seeds", seeds == null ? null : "--seeds");
    EndpointOverrides.put(names, "target", target == null ? null : "--target");
    return names;
  }

  /**
   * Takes the settings of a fine-tuning's run file out of {@code --set}.
   *
   * @param sections keys of that file, as far as the first dot
   */
  List<String> takeSettings(Set<String> sections) {
    List<String> taken =
        settings.stream()
            .filter(setting -> sections.contains(setting.split("[.=]", 2)[0]))
            .toList();
    settings = settings.stream().filter(setting -> !taken.contains(setting)).toList();
    return taken;
  }

  private Map<String, String> overrides() {
    Map<String, String> overrides = EndpointOverrides.of(settings, "--set", "rounds.seed=7");
    asked.put(overrides);
    EndpointOverrides.put(overrides, "target", target == null ? null : target.toString());
    return overrides;
  }

  /** Who may be asked by a recipe's stages. */
  static List<AskConfig> asked(RunConfig config) {
    boolean moderates = config.stages().contains(ModerateStage.NAME);
    return moderates ? config.mayBeAsked() : List.of(config.asking());
  }

  /**
   * Where a recipe's stages may cost money: the addresses of all who are asked and are neither the
   * embedded model nor on this machine.
   */
  static List<String> paidAddresses(RunConfig config) {
    return asked(config).stream()
        .map(AskConfig::endpoint)
        .filter(endpoint -> !endpoint.isOnThisMachine())
        .map(endpoint -> String.valueOf(endpoint.baseUrl()))
        .distinct()
        .toList();
  }
}
