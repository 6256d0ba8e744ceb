package io.cria.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.pipeline.Sessions;
import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.verify.Verification;
import io.cria.verify.Verified;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria verify RUN|DATASET|MODEL}. */
@Command(
    description = {
      "Holds what lies there against what was made: checksums, counts, ids, the",
      "contract of every table, the ledger's lines, and the lineage from the dataset",
      "and the trainings back to the requests. Changes nothing. Ends 0 when all is as",
      "it was made, 6 when not, with the first 20 findings, each with file and row."
    },
    footer = {
      "",
      "Examples:",
      "  cria verify runs/si",
      "  cria verify runs/si/dataset",
      "  cria verify runs/si/training/first/model",
      "  cria verify tuned/adapter --base models/llama"
    })
final class VerifyCommand extends CriaCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      paramLabel = "PATH",
      description = "A run, a dataset or shards that were handed on, a tuned model or adapter.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String path;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description = "The base of a tuned model, where it is not where its card says.")
  @Nullable Path base;

  @Option(names = "--json", description = "One JSON object in place of the table.")
  boolean json;

  @Override
  ExitCode run() {
    Verified verified = Verification.of(path, base, Hadoop.configuration(), this::session);
    if (json) {
      out().println(tree(verified));
    } else {
      print(verified);
    }
    Verification.remedy(verified)
        .ifPresent(
            remedy -> {
              throw new CriaException(
                  ExitCode.RUN_REFUSED,
                  path
                      + ": "
                      + verified.found()
                      + (verified.found() == 1 ? " thing is" : " things are")
                      + " not as it was made: "
                      + remedy);
            });
    return ExitCode.DONE;
  }

  private SparkSession session() {
    SparkSession spark = starting(() -> Sessions.open("verify " + path));
    LogLevel.apply(spark, verbose);
    return spark;
  }

  private void print(Verified verified) {
    TextTable table = new TextTable(List.of("checked", "count", "against"), TextTable.MAX_CELL);
    for (Verified.Checked checked : verified.checked()) {
      table.add(
          List.of(
              checked.what(), String.format(Locale.ROOT, "%,d", checked.count()), checked.held()));
    }
    out().print(table.render());
    verified.notes().forEach(note -> out().println("note: " + PlainPaths.in(note)));
    verified.findings().forEach(finding -> out().println("wrong: " + PlainPaths.in(finding)));
    long more = verified.found() - verified.findings().size();
    if (more > 0) {
      out().println("wrong: " + more + " more");
    }
    if (verified.isWhole()) {
      String what = verified.kind().equals("shards") ? "directory of shards" : verified.kind();
      out().println("this " + what + " is as it was made");
    }
  }

  private static ObjectNode tree(Verified verified) {
    ObjectNode tree = JSON.createObjectNode();
    tree.put("kind", verified.kind()).put("found", verified.found());
    tree.set("checked", JSON.valueToTree(verified.checked()));
    tree.set("notes", JSON.valueToTree(verified.notes().stream().map(PlainPaths::in).toList()));
    tree.set(
        "findings", JSON.valueToTree(verified.findings().stream().map(PlainPaths::in).toList()));
    return tree;
  }
}
