package io.cria.cli;

import io.cria.pipeline.DryRun;
import io.cria.pipeline.RunInputs;
import io.cria.task.ExitCode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cria dry-run CONF}. */
@Command(
    description =
        "Requests, tokens, cost and time that a run would take, estimated; nothing is sent.",
    footer = {
      "",
      "Example:",
      "  cria dry-run conf/self-instruct.yaml --model gpt-4.1-mini --target 52000"
    })
final class DryRunCommand extends CriaCommand {
  @Parameters(paramLabel = "CONF", description = "Run file, for example conf/alpaca.yaml.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String conf;

  @Mixin EndpointQuestion endpoint = new EndpointQuestion();

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    RunInputs inputs = options.fromFile(conf);
    endpoint.tell(this, () -> RunOptions.asked(inputs.config()));
    String text = new DryRun(inputs, LocalDate.now(ZoneOffset.UTC)).text();
    out().print(WordWrap.lines(text, Terminal.width()));
    return ExitCode.DONE;
  }
}
