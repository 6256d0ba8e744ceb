package io.cria.cli;

import io.cria.config.AskConfig;
import io.cria.task.CriaException;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** With a dry run, which sends nothing by itself: whether the endpoint is there after all. */
final class EndpointQuestion {
  @Option(
      names = "--check-endpoint",
      description =
          "With a dry run: ask whether the endpoint takes the key and has the model (GET /models,"
              + " with no text of yours).")
  boolean wanted;

  /** In a command that can do without a dry run, and then looks at the endpoint by itself. */
  void requireDryRun(boolean dryRun) {
    if (wanted && !dryRun) {
      throw CriaException.badInput(
          "--check-endpoint is for --dry-run: without it the endpoint is looked at anyway");
    }
  }

  /** Tells of each, those on this machine too, where it is wanted. */
  void tell(CriaCommand command, Supplier<List<AskConfig>> asked) {
    if (wanted) {
      EndpointChecks.tell(command, asked.get());
    }
  }
}
