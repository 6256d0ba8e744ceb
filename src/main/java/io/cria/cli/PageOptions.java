package io.cria.cli;

import io.cria.judging.JudgingPage;
import io.cria.judging.RaterFiles;
import io.cria.judging.Sheet;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that can open a page for people to judge on. */
final class PageOptions {
  @Option(
      names = "--page",
      description =
          "Open a page on this machine where people judge. Ctrl-C ends it; given again, it goes on.")
  boolean page;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "With --page: who judges. Without it the page asks for the name.")
  @Nullable String rater;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "With --page: where it listens. Default: any free port.")
  @Nullable Integer port;

  /** Refuses what makes no sense together. */
  void check() {
    if (!page && (rater != null || port != null)) {
      throw CriaException.badInput(
          (rater != null ? "--as" : "--port") + " is for the page: give --page too");
    }
  }

  /**
   * Serves the page until the process is ended.
   *
   * @param afterwards the command that sums up what was judged, as the page tells it
   */
  ExitCode serve(CriaCommand command, Sheet sheet, RaterFiles files, String afterwards) {
    if (sheet.items().isEmpty()) {
      throw CriaException.badInput("--page: there is nothing to judge here");
    }
    JudgingPage judging =
        new JudgingPage(sheet, files, Clock.systemUTC(), Optional.ofNullable(rater), afterwards);
    return ServedPage.untilEnded(
        command, judging.routes(), port == null ? 0 : port, "judging " + sheet.title(), () -> {});
  }
}
