package io.cria.cli;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Shows what work would cost, and goes on only when a person says so. */
final class SpendQuestion {
  private SpendQuestion() {}

  /**
   * @param command that asks
   * @param estimate shown before
   * @param address where it would be spent
   * @throws CriaException (bad input) where the answer is not yes
   */
  static void ask(PrintWriter err, String command, String estimate, @Nullable String address) {
    err.println(WordWrap.lines(estimate, Terminal.width()));
    err.print("Spend this at " + address + "? [y/N] ");
    err.flush();
    String answer = line().strip();
    err.println();
    if (!answer.equalsIgnoreCase("y") && !answer.equalsIgnoreCase("yes")) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          command + ": not confirmed, nothing was sent: answer y, or give --yes");
    }
  }

  private static String line() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw new UncheckedIOException("standard input cannot be read", e);
    }
  }
}
