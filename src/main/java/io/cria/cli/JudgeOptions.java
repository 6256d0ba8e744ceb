package io.cria.cli;

import io.cria.config.ConfigException;
import io.cria.config.JudgeConfig;
import io.cria.pipeline.JudgeInputs;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.task.CriaException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model judges, and what a command may say over its file. */
final class JudgeOptions {
  @Option(
      names = "--judge",
      paramLabel = "CONF",
      description = "A model judges: its run file, for example conf/judge.yaml.")
  @Nullable String judge;

  @Mixin EndpointOptions asked = new EndpointOptions();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the judge's file, such as caps.usd=2. May be repeated.")
  List<String> settings = List.of();

  /**
   * The judge, read whole; empty where none is named.
   *
   * @throws CriaException where something is said of a judge, and none is named
   */
  Optional<JudgeInputs> read() {
    Map<String, String> overrides = EndpointOverrides.of(settings, "--set", "caps.usd=2");
    asked.put(overrides);
    if (judge == null) {
      if (!overrides.isEmpty()) {
        throw CriaException.badInput(
            "--base-url, --model, --dialect and --set are said of a judge, and none is named: give"
                + " --judge too, for example --judge conf/judge.yaml");
      }
      return Optional.empty();
    }
    return Optional.of(read(judge, overrides));
  }

  private JudgeInputs read(String name, Map<String, String> overrides) {
    Configuration hadoop = Hadoop.configuration();
    Location file = Location.of(name, hadoop);
    String text = file.text("give the path of a judge's run file, for example conf/judge.yaml");
    RunFileKind.JUDGE.require(text, name);
    try {
      overrides.replaceAll(CommandLinePaths::absolute);
      asked.resolve(JudgeConfig.parse(text, name, overrides).endpoint(), overrides);
      return JudgeInputs.fromFile(
          file,
          text,
          overrides,
          Location.of(System.getProperty("cria.prices", RunOptions.PRICES), hadoop),
          hadoop);
    } catch (ConfigException e) {
      throw e.toldOf(asked.names(settings));
    }
  }
}
