package io.cria.cli;

import io.cria.pipeline.Outcome;
import io.cria.pipeline.RunStatus;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks for what an invocation left, and repeats it: its output, its error, its exit code. A driver
 * whose last words were lost may still have told the run's status.
 */
final class OutcomeSearch {
  /** A driver writes its status first and its outcome a moment later. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(3);

  private final RunDirectory run;
  private final String invocation;
  private final Runnable pause;

  /**
   * @param pause waits a second
   */
  OutcomeSearch(RunDirectory run, String invocation, Runnable pause) {
    this.run = run;
    this.invocation = Outcome.requireName(invocation);
    this.pause = pause;
  }

  /**
   * Repeats it.
   *
   * @param longest to look for it
   * @return how it ended, well or without a word of its own
   * @throws CriaException with its line and its exit code, where it failed; with {@link
   *     ExitCode#FAULT} where nothing is known of its end
   */
  ExitCode told(Duration longest, PrintWriter out) {
    Optional<Outcome> left;
    Optional<RunStatus.Seen> seen = Optional.empty();
    try {
      left = left(longest);
      if (left.isEmpty()) {
        seen = RunStatus.look(run).filter(each -> each.status().invocation().equals(invocation));
        if (seen.filter(OutcomeSearch::hasEnded).isPresent()) {
          left = left(LAST_WORDS);
        }
      }
    } catch (CriaException e) {
      // its own exit code would pass for the invocation's
      throw new CriaException(
          ExitCode.FAULT,
          "how "
              + invocation
              + " ended cannot be read ("
              + e.getMessage()
              + "): ask again, cria status "
              + run.root()
              + " --outcome "
              + invocation,
          e);
    }
    if (left.isPresent()) {
      out.print(left.get().text());
      return ended(ExitCode.of(left.get().exitCode()), left.get().line());
    }
    if (seen.filter(OutcomeSearch::hasEnded).isPresent()) {
      RunStatus status = seen.get().status();
      return ended(ExitCode.of(status.exitCode()), status.reason());
    }
    boolean atWork = seen.isPresent() && !seen.get().dead();
    throw new CriaException(
        ExitCode.FAULT,
        run.root()
            + ": the driver of "
            + invocation
            + (atWork
                ? " has not said how it ended, or is still at work: if its application has ended,"
                : " ended without a word:")
            + " see its stderr on the worker, and that its host sees this directory as this one does;"
            + " then give the same command to go on");
  }

  private Optional<Outcome> left(Duration longest) {
    Optional<Outcome> left = Outcome.read(run, invocation);
    for (long second = 0; left.isEmpty() && second < longest.toSeconds(); second++) {
      pause.run();
      left = Outcome.read(run, invocation);
    }
    return left;
  }

  private static boolean hasEnded(RunStatus.Seen seen) {
    return seen.status().exitCode() >= 0;
  }

  private static ExitCode ended(ExitCode code, String line) {
    if (!line.isEmpty()) {
      throw new CriaException(code, line);
    }
    return code;
  }
}
