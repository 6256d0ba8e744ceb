package io.cria.cli;

import io.cria.config.ConfigException;
import io.cria.config.Operation.Endpoint;
import io.cria.config.RunConfig;
import io.cria.pipeline.RunInputs;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.FileNotFoundException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What run, stage and dry-run may say over a run file. */
final class RunOptions {
  /** What {@code --retry-rejected} does, in the words of the help. */
  static final String RETRY_REJECTED =
      "Ask requests again that the server rejected or that failed in all their attempts, once the"
          + " cause is mended, and make anew what follows: in the stages that ask about instructions,"
          + " and in the last round of generation. Earlier rounds of generation stay as they are,"
          + " which a note tells: the prompts of later rounds hang on them.";

  /** The price list of run files that name none. */
  private static final String PRICES = "conf/prices.yaml";

  private static final String OPENAI = "https://api.openai.com/v1";

  @Option(
      names = "--seeds",
      paramLabel = "FILE",
      description = "Seed tasks in place of the run file's.")
  @Nullable String seeds;

  @Option(
      names = "--base-url",
      paramLabel = "URL",
      description = "Address of the model's API, with /v1. Default: OPENAI_BASE_URL.")
  @Nullable String baseUrl;

  @Option(names = "--model", paramLabel = "NAME", description = "The model's name at the API.")
  @Nullable String model;

  @Option(
      names = "--dialect",
      paramLabel = "chat|completions",
      description = "What the API speaks.")
  @Nullable String dialect;

  @Option(names = "--target", paramLabel = "N", description = "Kept instructions wanted.")
  @Nullable Integer target;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the run file, dotted: --set rounds.seed=7. May be repeated.")
  List<String> settings = List.of();

  /** The inputs from a run file with these options laid over it. */
  RunInputs fromFile(String name) {
    Configuration hadoop = Hadoop.configuration();
    Location file = Location.of(name, hadoop);
    Map<String, String> overrides = overrides();
    if (seeds != null) {
      overrides.put("seeds", quoted(given(seeds, hadoop).absolute()));
    }
    String text = file.text("give the path of a configuration");
    try {
      overrides.replaceAll(CommandLinePaths::absolute);
      resolveEndpoint(RunConfig.parse(text, name, overrides), overrides);
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
      resolveEndpoint(RunInputs.fromRun(run, overrides).config(), overrides);
      return RunInputs.fromRun(run, overrides);
    } catch (ConfigException e) {
      throw e.toldOf(names());
    }
  }

  /** Keys that another option than {@code --set} has set, with the name a user knows it by. */
  private Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    put(names, "seeds", seeds == null ? null : "--seeds");
    put(names, "endpoint.baseUrl", isSet("endpoint.baseUrl") ? null : "OPENAI_BASE_URL");
    put(names, "endpoint.baseUrl", baseUrl == null ? null : "--base-url");
    put(names, "endpoint.dialect", dialect == null ? null : "--dialect");
    put(names, "model", model == null ? null : "--model");
    put(names, "target", target == null ? null : "--target");
    return names;
  }

  private boolean isSet(String key) {
    return settings.stream().anyMatch(setting -> setting.startsWith(key + "="));
  }

  private Map<String, String> overrides() {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw CriaException.badInput(
            "--set " + setting + ": write KEY=VALUE, for example rounds.seed=7");
      }
      overrides.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    put(overrides, "endpoint.baseUrl", baseUrl == null ? null : quoted(baseUrl));
    put(overrides, "endpoint.dialect", dialect == null ? null : quoted(dialect));
    put(overrides, "model", model == null ? null : quoted(model));
    put(overrides, "target", target == null ? null : target.toString());
    return overrides;
  }

  /**
   * A run file of the embedded model leaves it when a model or an address is given; an address may
   * come from outside.
   */
  private void resolveEndpoint(RunConfig config, Map<String, String> overrides) {
    Endpoint endpoint = config.endpoint();
    boolean remote = model != null || baseUrl != null;
    if (endpoint.isEmbedded() && remote) {
      overrides.put("endpoint.dialect", "chat");
    }
    boolean needsAddress = (!endpoint.isEmbedded() || remote) && endpoint.baseUrl() == null;
    if (needsAddress && baseUrl == null) {
      String outside = System.getenv("OPENAI_BASE_URL");
      overrides.put(
          "endpoint.baseUrl", quoted(outside == null || outside.isBlank() ? OPENAI : outside));
    }
  }

  private static void put(Map<String, String> overrides, String key, @Nullable String value) {
    if (value != null) {
      overrides.put(key, value);
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /**
   * Whether asking this endpoint may cost money: it is neither the embedded model nor on this
   * machine.
   */
  static boolean mayCost(RunConfig config) {
    return !config.endpoint().isOnThisMachine();
  }
}
