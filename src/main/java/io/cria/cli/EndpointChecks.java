package io.cria.cli;

import io.cria.ask.EndpointCheck;
import io.cria.config.AskConfig;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.util.List;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Option;

/** Whether whoever is asked for money is there, before a person is asked whether to spend it. */
final class EndpointChecks {
  @Option(
      names = "--no-endpoint-check",
      description =
          "Do not ask the endpoint first whether it takes the key and has the model"
              + " (GET /models, with no text of yours).")
  boolean without;

  /**
   * Checks those that are not on this machine.
   *
   * @param command to tell what cannot be checked
   * @param directory of what is asked, which may have answers already
   */
  void require(CriaCommand command, RunDirectory directory, List<AskConfig> asked) {
    if (!without) {
      List<AskConfig> elsewhere =
          asked.stream().filter(each -> !each.endpoint().isOnThisMachine()).toList();
      List<String> unused =
          check(command, !LedgerFiles.segments(directory).isEmpty()).require(elsewhere);
    }
  }

  /** Checks all of them, and tells of each. */
  static void tell(CriaCommand command, List<AskConfig> asked) {
    check(command, false).require(asked).forEach(command::say);
  }

  private static EndpointCheck check(CriaCommand command, boolean begun) {
    boolean local = new SparkConf().get("spark.master", "local").startsWith("local");
    return new EndpointCheck(local, begun, System.getenv(), command::say);
  }
}
