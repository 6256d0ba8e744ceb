package io.cria.cli;

import io.cria.ask.Spend;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * A round that is planned and not committed whole. Answers of its open parts are in the ledger and
 * in no table.
 *
 * @param stage {@code generate, classify} or {@code instances}
 * @param planned requests
 * @param answered requests that have come to a terminal outcome
 */
record UnfinishedRound(String stage, int round, long planned, long answered) {
  static List<UnfinishedRound> of(RunDirectory run) {
    List<UnfinishedRound> rounds = new ArrayList<>();
    for (StageDeclaration stage : RunTables.asked(run)) {
      for (int round : RunTables.rounds(run, Line.REQUESTS, stage.name())) {
        long planned =
            new Commits(run).manifest(stage.requests(round)).map(Manifest::rows).orElse(0L);
        // what is asked beside a line may share its table with others
        String made =
            Line.stage(stage.name()).isPresent()
                ? stage.table().round(round)
                : stage.answers(round);
        int parts = RunTables.committed(run, made).size();
        if (parts < Part.count(planned)) {
          rounds.add(
              new UnfinishedRound(stage.name(), round, planned, Spend.answered(run, stage, round)));
        }
      }
    }
    return rounds;
  }
}
