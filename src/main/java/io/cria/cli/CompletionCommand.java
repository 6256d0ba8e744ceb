package io.cria.cli;

import io.cria.task.ExitCode;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cria completion bash | zsh}. */
@Command(
    description = {
      "Prints a script that has a shell complete commands and options. What is no word of Cria's is",
      "completed as the shell does, by the names of files."
    },
    footer = {
      "",
      "Examples:",
      "  source <(cria completion bash)        # for this shell",
      "  cria completion bash > ~/.local/share/bash-completion/completions/cria",
      "  source <(cria completion zsh)         # in ~/.zshrc for all"
    })
final class CompletionCommand extends CriaCommand {
  /** Shells that one script fits: in zsh it brings bash's way of completing. */
  enum Shell {
    BASH,
    ZSH
  }

  @Parameters(paramLabel = "bash|zsh", description = "Which shell.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Shell shell;

  @Override
  ExitCode run() {
    out().println(AutoComplete.bash(Main.NAME, Main.commands(command -> true)));
    return ExitCode.DONE;
  }
}
