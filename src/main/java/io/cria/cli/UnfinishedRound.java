package io.cria.cli;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.run.RunTables;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A round that is planned and not committed. Its answers are in the ledger and in no table.
 *
 * @param stage {@code generate, classify} or {@code instances}
 * @param planned requests
 * @param answered requests that have come to a terminal outcome
 */
record UnfinishedRound(String stage, int round, long planned, long answered) {
  static List<UnfinishedRound> of(RunDirectory run) {
    List<UnfinishedRound> rounds = new ArrayList<>();
    for (String directory : run.list("requests")) {
      String stage = directory.replaceFirst("^stage=", "");
      for (int round : RunTables.rounds(run, "requests/" + directory)) {
        if (!run.exists(RunTables.round(RunTables.ofAnswers(stage), round))) {
          rounds.add(of(run, stage, round));
        }
      }
    }
    return rounds;
  }

  private static UnfinishedRound of(RunDirectory run, String stage, int round) {
    long planned = run.manifest(RunTables.requests(stage, round)).map(Manifest::rows).orElse(0L);
    Set<String> answered = new HashSet<>();
    for (String segment : LedgerFiles.segments(run, stage, round)) {
      try (InputStream in = run.open(segment)) {
        LedgerReader.read(in, segment, record -> addTerminal(record, answered));
      } catch (IOException e) {
        throw new UncheckedIOException("the ledger segment " + segment + " cannot be read", e);
      }
    }
    return new UnfinishedRound(stage, round, planned, answered.size());
  }

  private static void addTerminal(LedgerRecord record, Set<String> answered) {
    if (record.outcome().isTerminal()) {
      answered.add(record.requestKey());
    }
  }
}
