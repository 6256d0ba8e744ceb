package io.cria.cli;

import io.cria.seed.SeedCheck;
import io.cria.seed.SeedReport;
import io.cria.seed.SeedReportText;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.EngineSelector;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria seeds check FILE}. */
@Command(
    footer = {
      "",
      "Examples:",
      "  cria seeds check conf/seeds/seed_tasks.jsonl",
      "  cria seeds check --tokenizer korean-1 my_korean_seeds.jsonl"
    })
final class SeedsCommand extends CriaCommand {
  @Override
  ExitCode run() {
    throw new picocli.CommandLine.ParameterException(
        spec.commandLine(), "what to do with seeds is missing: cria seeds check FILE");
  }

  @Command(
      description = {
        "Checks a file of seed tasks: shape, duplicates, near-duplicates, empty outputs, balance.",
        "Exit code 2 when no run would take the file."
      })
  Integer check(
      @Parameters(paramLabel = "FILE", description = "Seed tasks, one JSON object a line.")
          String file,
      @Option(
              names = "--threshold",
              paramLabel = "F",
              defaultValue = "0.5",
              description = "ROUGE-L above which two seeds are near-duplicates (${DEFAULT-VALUE}).")
          double threshold,
      @Option(
              names = "--tokenizer",
              defaultValue = "rouge-en",
              description =
                  "rouge-en, unicode-1 for languages beside English, or korean-1"
                      + " (${DEFAULT-VALUE}).")
          String tokenizer) {
    logAsAsked();
    if (!(threshold > 0.3 && threshold <= 1)) {
      throw CriaException.badInput(
          "threshold out of range, --threshold " + threshold + ": give above 0.3, at most 1");
    }
    SeedReport report =
        SeedCheck.check(
            Location.of(file, Hadoop.configuration()),
            new EngineSelector(EngineOptions.of(Tokenizer.named(tokenizer), threshold)));
    out().print(SeedReportText.render(report));
    return outcome(report.isUsable() ? ExitCode.DONE : ExitCode.BAD_INPUT);
  }
}
