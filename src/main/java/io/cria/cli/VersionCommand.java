package io.cria.cli;

import io.cria.task.ExitCode;
import picocli.CommandLine.Command;

/** {@code cria version}: the same as {@code cria --version}. */
@Command(
    description = "Tells the version, the commit that it was built from, and which Java runs it.",
    footer = {"", "Example:", "  cria version"})
final class VersionCommand extends CriaCommand {
  @Override
  ExitCode run() {
    out().println(Main.version());
    return ExitCode.DONE;
  }
}
