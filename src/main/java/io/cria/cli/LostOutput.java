package io.cria.cli;

import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;

/**
 * Nobody gets what the command writes to standard output: the disk is full, or its reader has left.
 * It ends work that would only go on writing; why the write failed is told once the command has
 * ended.
 */
final class LostOutput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How a system says that the reader of a pipe has left. */
  private static final String LEFT = "Broken pipe";

  private LostOutput() {
    super("standard output has failed");
  }

  /**
   * Writes what is held back, and looks whether all has come through.
   *
   * @throws LostOutput when not
   */
  static void check(PrintWriter out) {
    if (out.checkError()) {
      throw new LostOutput();
    }
  }

  static boolean isBehind(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof LostOutput) {
        return true;
      }
    }
    return false;
  }

  /**
   * The exit code of a command whose output was lost, and the line that says why. A command that
   * has failed by itself keeps its code. A reader that has left, as {@code head} does, wants no
   * more and is no failure.
   *
   * @param ended the code that the command has ended with
   */
  static int code(int ended, IOException failure, Consumer<String> teller) {
    String reason = String.valueOf(failure.getMessage());
    if (reason.contains(LEFT)) {
      return ended;
    }
    teller.accept(
        NoRoom.isBehind(failure)
            ? "no room for standard output ("
                + reason
                + "): free some where it goes, or redirect it elsewhere, and give the same command"
                + " again"
            : "cannot write standard output ("
                + reason
                + "): see where it is redirected to, and give the same command again");
    return ended == ExitCode.DONE.code() ? ExitCode.BAD_INPUT.code() : ended;
  }
}
