package io.cria.cli;

import io.cria.parsefile.ParseFile;
import io.cria.parsefile.ParseRecords;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.task.ExitCode;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria parse --kind K IN OUT}. */
@Command(
    description = {
      "Reads raw answers by the rules of the published programs and writes, for each",
      "line, what they accept and what they reject, with the reason."
    },
    footer = {
      "",
      "IN holds one JSON object a line, in UTF-8. Other keys than these are ignored:",
      "  text               the raw answer",
      "  finish_reason      may be left out; length: the answer was cut",
      "  demonstrations     alpaca: tasks that the prompt showed; 3 if left out",
      "  instruction        instances: the task that was asked about",
      "  is_classification  instances: true for a classification task, else false",
      "",
      "A line for instructions, for alpaca, for instances:",
      "{\"text\": \"Name two sea birds.\\n9. Sort these five words.\"}",
      "{\"text\": \"Name two sea birds.\\n4. Input:\\n<noinput>\\n4. Output:\\nGulls\"}",
      "{\"instruction\": \"Is 7 odd?\", \"is_classification\": false, \"text\": \"Output: Yes\"}",
      "",
      "OUT has a line for each, in order:",
      "{\"accepted\": [...], \"rejected\": [{\"text\": \"...\", \"reason\": \"...\"}]}",
      "",
      "Examples:",
      "  cria parse --kind instructions answers.jsonl parsed.jsonl",
      "  cria parse --kind alpaca answers.jsonl.gz parsed.jsonl.gz"
    })
final class ParseCommand extends CriaCommand {
  @Option(
      names = "--kind",
      required = true,
      description = "What the answers hold: instructions, alpaca or instances.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String kind;

  @Parameters(index = "0", paramLabel = "IN", description = "JSON lines as below; may be gzip.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String input;

  @Parameters(index = "1", paramLabel = "OUT", description = "gzip when its name ends in .gz.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String output;

  @Option(names = "--force", description = "Replace OUT where it is there already.")
  boolean force;

  @Override
  ExitCode run() {
    Configuration hadoop = Hadoop.configuration();
    ParseRecords.Kind records = ParseRecords.Kind.named(kind);
    Location in = Location.of(input, hadoop);
    Location out = Location.toWrite(output, hadoop);
    if (!force && !out.equals(in)) {
      NewFile.require(out);
    }
    long lines = ParseFile.parse(records, in, out);
    err().println("cria: " + lines + (lines == 1 ? " line" : " lines") + " read, " + output);
    return ExitCode.DONE;
  }
}
