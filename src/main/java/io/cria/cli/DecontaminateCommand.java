package io.cria.cli;

import io.cria.dedup.Decontamination;
import io.cria.dedup.NearOptions;
import io.cria.dedup.NearRecords;
import io.cria.dedup.NearReport;
import io.cria.pipeline.Sessions;
import io.cria.run.VerdictTable;
import io.cria.similarity.Contamination;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.Counted;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria decontaminate RUN --against F} and {@code … --input F --output DIR}. */
@Command(
    description = {
      "Finds examples near an evaluation set: instructions (or instructions with their",
      "inputs) whose ROUGE-L F is above the threshold, or N consecutive tokens in",
      "common. Of a run it writes verdicts, which cria export --decontaminated goes by,",
      "and changes no table. Of files it writes kept.jsonl, dropped.jsonl, both as",
      "Parquet, and report.json; dropped records get _reason, _neighbour (file, and row",
      "counted from 0) and _score."
    },
    footer = {
      "",
      "The set: JSON lines or arrays with instruction, question, prompt or messages,",
      "and perhaps input, id and a reference (reference, references, output,",
      "completion, answer, response). A folder stands for all *.jsonl in it.",
      "",
      "Examples:",
      "  cria decontaminate runs/si --against conf/evaluation",
      "  cria export runs/si --decontaminated",
      "  cria decontaminate --input alpaca.json --input-column input \\",
      "    --output-column output --against conf/evaluation own/test.jsonl --output clean"
    })
final class DecontaminateCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", arity = "0..1", description = "The run's directory.")
  @Nullable String run;

  @Option(
      names = "--against",
      required = true,
      arity = "1..*",
      paramLabel = "SET",
      description = "The evaluation set: files, or folders, of which all *.jsonl are read.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  List<String> against;

  @Option(
      names = "--name",
      paramLabel = "N",
      description =
          "Of the verdicts; another set takes another one (" + Decontamination.NAME + ").")
  @Nullable String name;

  @Option(
      names = "--threshold",
      defaultValue = "0.7",
      paramLabel = "F",
      description = "Near above this; more than 0.3, at most 1 (${DEFAULT-VALUE}).")
  double threshold;

  @Option(
      names = "--ngram",
      defaultValue = "8",
      paramLabel = "N",
      description = "So many consecutive tokens in common are too many (${DEFAULT-VALUE}).")
  int ngram;

  @Option(
      names = "--tokenizer",
      defaultValue = "unicode-1",
      description = "unicode-1, or rouge-en for Latin letters and digits only (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String tokenizer;

  @Option(
      names = "--input",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files or directories (JSON lines, arrays, Parquet) in place of a run.")
  List<String> inputs = List.of();

  @Option(
      names = "--column",
      paramLabel = "C",
      description = "Of --input, the column with the instruction (instruction).")
  @Nullable String column;

  @Option(
      names = "--input-column",
      paramLabel = "C",
      description = "The column with the instruction's input; none when left out.")
  @Nullable String inputColumn;

  @Option(
      names = "--output-column",
      paramLabel = "C",
      description = "The column with the answer; none when left out.")
  @Nullable String outputColumn;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Of --input, the result's directory; it must not exist yet.")
  @Nullable String output;

  @Override
  ExitCode run() {
    Contamination.Rules rules = new Contamination.Rules(tokenizer, threshold, ngram);
    String directory = run;
    if (directory != null && inputs.isEmpty()) {
      refuseFileOptions();
      ofRun(directory, rules);
    } else if (directory == null && !inputs.isEmpty()) {
      ofFiles(rules);
    } else {
      throw CriaException.badInput(
          directory == null
              ? "nothing to judge: give the directory of a run, or --input FILE --output DIR"
              : "a run and --input are two jobs: give one of them");
    }
    return ExitCode.DONE;
  }

  private void refuseFileOptions() {
    if (column != null || inputColumn != null || outputColumn != null || output != null) {
      throw CriaException.badInput(
          "--column, --input-column, --output-column and --output go with --input: a run's examples"
              + " have their columns, and its verdicts their place");
    }
  }

  private void ofRun(String directory, Contamination.Rules rules) {
    String named = name == null ? Decontamination.NAME : VerdictTable.requireName("--name", name);
    RunDirectory place = RunDirectory.at(directory, Hadoop.configuration());
    SparkSession spark = starting(() -> Sessions.open("decontaminate " + directory));
    LogLevel.apply(spark, verbose);
    Decontamination.Report report =
        new Decontamination(spark, place, ConsoleProgress.on(err())).judge(against, rules, named);
    out()
        .println(
            String.format(
                Locale.ROOT,
                "%,d of %s %s near %s of %s (%s)%s; %s",
                report.near(),
                Counted.of(report.examples(), "example"),
                report.near() == 1 ? "is" : "are",
                Counted.of(report.items(), "item"),
                String.join(", ", against),
                byRule(rules, report.manifest().counts()),
                report.worked() ? "" : ", as was found before",
                PlainPaths.in(place.path(VerdictTable.directory(Decontamination.KIND, named)))));
  }

  private static String byRule(Contamination.Rules rules, Map<String, Long> counts) {
    return rules.names().stream()
        .map(rule -> rule + " " + counts.getOrDefault(rule + VerdictTable.BETWEEN + "near", 0L))
        .collect(Collectors.joining(", "));
  }

  private void ofFiles(Contamination.Rules rules) {
    if (output == null) {
      throw CriaException.badInput("--output is missing: give the result a directory");
    }
    if (name != null) {
      throw CriaException.badInput("--name is that of a run's verdicts: --output names a result");
    }
    NearOptions options =
        new NearOptions(
            inputs,
            column == null ? "instruction" : column,
            inputColumn,
            outputColumn,
            against,
            rules,
            output);
    SparkSession spark = starting(() -> Sessions.open("decontaminate"));
    LogLevel.apply(spark, verbose);
    NearReport report = NearRecords.run(spark, options, ConsoleProgress.on(err()));
    out()
        .println(
            String.format(
                Locale.ROOT,
                "kept %,d of %,d, dropped %,d (%s), %s",
                report.kept(),
                report.rows(),
                report.dropped(),
                rules.names().stream()
                    .map(rule -> rule + " " + report.reasons().getOrDefault(rule, 0L))
                    .collect(Collectors.joining(", ")),
                output));
  }
}
