package io.cria.pipeline;

import io.cria.ask.Spend;
import io.cria.llm.Outcome;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.storage.RunDirectory;
import java.util.Set;
import java.util.stream.Stream;

/** A directory with which nothing would be lost: requests were planned there at most. */
final class UnansweredRun {
  /** What a ledger may hold that nobody has paid for. */
  private static final Set<String> UNPAID =
      Set.of(
          Outcome.RETRY_RATE.word(),
          Outcome.RETRY_TRANSIENT.word(),
          Outcome.STOP_JOB.word(),
          Outcome.REJECT_ROW.word());

  private UnansweredRun() {}

  /** Whether no answer stands in its ledger, none may have been billed, and no table has rows. */
  static boolean is(RunDirectory run) {
    Spend spend = Spend.of(run);
    return spend.damage().isEmpty()
        && spend.suspectedPaid() == 0
        && UNPAID.containsAll(spend.outcomes().keySet())
        && !hasTables(run);
  }

  private static boolean hasTables(RunDirectory run) {
    return RunTables.asked(run).stream()
            .anyMatch(stage -> !RunTables.rounds(run, Line.ANSWERS, stage.name()).isEmpty())
        || Stream.concat(
                Line.STAGES.stream().map(stage -> stage.table()), RunTables.beside(run).stream())
            .anyMatch(table -> !RunTables.rounds(run, table).isEmpty());
  }
}
