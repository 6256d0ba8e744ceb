package io.cria.cli;

import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cria help [COMMAND]}: the same as {@code cria COMMAND --help}. */
@Command(
    description = "Tells what a command does, its options and examples; without one, all commands.",
    footer = {"", "Examples:", "  cria help", "  cria help run", "  cria help seeds check"})
final class HelpCommand extends CriaCommand {
  @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command, as it is typed.")
  List<String> words = List.of();

  @Override
  ExitCode run() {
    List<String> args = new ArrayList<>(words);
    args.add("--help");
    args.add("--color=" + color.name());
    return ExitCode.of(Main.run(out(), err(), args.toArray(String[]::new)));
  }
}
