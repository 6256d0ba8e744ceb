package io.cria.cli;

import io.cria.dedup.Dedup;
import io.cria.dedup.DedupOptions;
import io.cria.dedup.DedupReport;
import io.cria.pipeline.Sessions;
import io.cria.task.ExitCode;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cria dedup --input F --column C --output DIR}. */
@Command(
    description = {
      "Drops the records whose text is similar to one kept before it: ROUGE-L F above the",
      "threshold, decided exactly and in order. Reads JSON lines and arrays (also as .gz, .bz2)",
      "and Parquet; writes kept.jsonl, dropped.jsonl, both as Parquet, and report.json. Records"
          + " stay",
      "as they are and in their order; dropped ones get _reason, _neighbour (input, and row",
      "counted from 0) and _score."
    },
    footer = {
      "",
      "Examples:",
      "  cria dedup --input instructions.jsonl --column instruction --output clean",
      "  cria dedup --input curated.parquet raw.json.gz --column task.text --order-by id \\",
      "    --threshold 0.6 --output clean"
    })
final class DedupCommand extends CriaCommand {
  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files or directories; of two similar records the one of the earlier stays.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  List<String> inputs;

  @Option(
      names = "--column",
      required = true,
      paramLabel = "C",
      description = "The column with the text; a dot leads into a nested object (a.b).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String column;

  @Option(
      names = "--order-by",
      paramLabel = "C",
      description = "Judge each input's records in ascending order of this column, not of rows.")
  @Nullable String orderBy;

  @Option(
      names = "--threshold",
      defaultValue = "0.7",
      paramLabel = "F",
      description = "Drop above this; more than 0.3, at most 1 (${DEFAULT-VALUE}).")
  double threshold;

  @Option(
      names = "--tokenizer",
      defaultValue = "rouge-en",
      description =
          "rouge-en, unicode-1 for languages beside English, or korean-1 (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String tokenizer;

  @Option(
      names = "--prefilter",
      defaultValue = "lossless",
      description =
          "lossless, minhash+lossless (same result) or minhash (approximate; its recall is"
              + " measured) (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String prefilter;

  @Option(
      names = "--skip-missing",
      description =
          "Drop records without the column, or with null there (_reason missing); without it they"
              + " are bad input.")
  boolean skipMissing;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The result's directory; it must not exist yet.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String output;

  @Override
  ExitCode run() {
    DedupOptions options =
        new DedupOptions(
            inputs, column, orderBy, threshold, tokenizer, prefilter, skipMissing, output);
    options.engine(); // refuses what it cannot do before a session is paid for
    SparkSession spark = starting(() -> Sessions.open("dedup"));
    LogLevel.apply(spark, verbose);
    DedupReport report = Dedup.run(spark, options, ConsoleProgress.on(err()));
    err()
        .println(
            "cria: kept "
                + report.kept()
                + " of "
                + report.rows()
                + ", dropped "
                + report.dropped()
                + (report.missing() == 0 ? "" : " (" + report.missing() + " without a text)")
                + ", "
                + output);
    if (report.sample() != null) {
      err().println("cria: " + report.sample().say());
    }
    return ExitCode.DONE;
  }
}
