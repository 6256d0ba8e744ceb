package io.cria.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import io.cria.config.ModerationConfig;
import io.cria.config.Operation;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.stage.ModerateStage;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.LanguageTag;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria export RUN [--format …]}. */
@Command(
    description = {
      "Writes the files of RUN/dataset anew from the run's tables; nothing is asked. Parquet and the",
      "card are always among them. Selects by what was judged: what is left out is counted here, in",
      "the card and in the manifest, and stays in the run's tables."
    },
    footer = {
      "",
      "Examples:",
      "  cria export runs/si --format alpaca,chat",
      "  cria export runs/si --include-seeds",
      "  cria export runs/si --only valid:first --decontaminated --moderation drop",
      "  cria export runs/si --license cc-by-4.0 --language en"
    })
final class ExportCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description =
          "parquet, alpaca, self-instruct, prompt-completion, chat: those when left out; sharegpt,"
              + " alpaca-eval.")
  List<String> formats = Operation.USUAL_EXPORTS;

  @Option(names = "--include-seeds", description = "The seed tasks are examples too.")
  boolean includeSeeds;

  @Option(
      names = "--only",
      paramLabel = "valid[:NAME]",
      description =
          "Only examples that were reviewed (in the review NAME), and that most raters found valid"
              + " in all three questions; a tie is not valid.")
  @Nullable String only;

  @Option(
      names = "--decontaminated",
      description = "Without examples near an evaluation set, as cria decontaminate found them.")
  boolean decontaminated;

  @Option(
      names = "--moderation",
      paramLabel = "POLICY",
      description =
          "drop: without flagged examples; flag: with them; both with the scores in the Parquet."
              + " keep: as if nothing were moderated. Left out: the run file's.")
  @Nullable String moderation;

  @Option(
      names = "--license",
      paramLabel = "NAME",
      description =
          "Under which licence the dataset is handed on, for its cards and files: by its short name,"
              + " such as cc-by-4.0 or apache-2.0, by LicenseRef-NAME, or in words. Later exports keep it.")
  @Nullable String license;

  @Option(
      names = "--language",
      split = ",",
      paramLabel = "CODE",
      description =
          "Languages of the texts, for its cards: by ISO 639 (en, ko) or BCP 47 (pt-BR). Later"
              + " exports keep it.")
  @Nullable List<String> languages;

  @Override
  ExitCode run() {
    for (String format : formats) {
      if (!Operation.EXPORTS.contains(format)) {
        throw CriaException.badInput(
            "--format " + format + ": known are " + String.join(", ", Operation.EXPORTS));
      }
    }
    refuseWhatIsNone();
    if (!RunDirectory.at(run, Hadoop.configuration()).exists("run.json")) {
      throw CriaException.badInput(
          run + ": there is no run here (no run.json): give the directory of cria run --run");
    }
    SparkSession spark = starting(() -> Sessions.open("export " + run));
    LogLevel.apply(spark, verbose);
    Runner runner = new Runner(spark, run, ConsoleProgress.on(err()), Clock.systemUTC());
    boolean worked = runner.runStage(inputs(runner.directory()), "dataset");
    out().println(new RunSummary(runner.directory()).text(worked));
    return ExitCode.DONE;
  }

  /** Before a session is paid for. */
  private void refuseWhatIsNone() {
    if (only != null && !only.matches("valid(:[A-Za-z0-9._-]+)?")) {
      throw CriaException.badInput("--only " + only + ": give valid, or valid:NAME of a review");
    }
    if (moderation != null && !ModerationConfig.POLICIES.contains(moderation)) {
      throw CriaException.badInput(
          "--moderation "
              + moderation
              + ": known are "
              + String.join(", ", ModerationConfig.POLICIES));
    }
    LicenseOption.require(license);
    if (languages != null) {
      languages = languages.stream().map(ExportCommand::tag).toList();
    }
    if (includeSeeds && (only != null || decontaminated)) {
      throw CriaException.badInput(
          "--include-seeds goes with neither --only nor --decontaminated: seed tasks are not judged,"
              + " leave one of them out");
    }
  }

  private static String tag(String given) {
    try {
      return new LanguageTag(given.strip()).tag();
    } catch (IllegalArgumentException e) {
      throw CriaException.badInput("--language " + e.getMessage());
    }
  }

  private RunInputs inputs(RunDirectory directory) {
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("exports", "[" + String.join(", ", formats) + "]");
    overrides.put("includeSeeds", String.valueOf(includeSeeds));
    overrides.put("select.only", only == null ? "null" : "\"" + only + "\"");
    overrides.put("select.decontaminated", String.valueOf(decontaminated));
    if (license != null) {
      overrides.put("terms.license", TextNode.valueOf(license.strip()).toString());
    }
    if (languages != null) {
      overrides.put("languages", "[" + String.join(", ", languages) + "]");
    }
    if (moderation != null) {
      overrides.put("moderation.policy", moderation);
    } else if (!Runner.hasStage(RunInputs.fromRun(directory, Map.of()), ModerateStage.NAME)) {
      overrides.put("moderation", "null"); // that of an earlier export is not this one's
    }
    return RunInputs.fromRun(directory, overrides);
  }
}
