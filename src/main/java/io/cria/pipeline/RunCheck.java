package io.cria.pipeline;

import io.cria.ask.AnswerReading;
import io.cria.ask.Spend;
import io.cria.run.RunTables;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether what a run has committed is still there. A table is held against its manifest. The ledger
 * grows as long as the run lives, so no manifest can hold its files: it is held against what was
 * made from it, and against the number of records that status.json saw.
 */
public final class RunCheck {
  private final RunDirectory run;
  private final long recordsSeen;

  /** Reads status.json; the ledger is to be read after it, because a driver may be at work. */
  public RunCheck(RunDirectory run) {
    this.run = run;
    this.recordsSeen = RunStatus.read(run).map(status -> status.spend().records()).orElse(0L);
  }

  /**
   * What is damaged or gone, each with path and remedy: first of the ledger, then of the tables.
   *
   * @param spend what the ledger sums up to
   */
  public List<CriaException> damage(Spend spend) {
    List<CriaException> damage = new ArrayList<>(lostAnswers(spend));
    for (String stage : run.list("requests")) {
      addDamage("requests/" + stage, damage);
    }
    for (String table : RunStatus.TABLES) {
      addDamage(table, damage);
    }
    return damage;
  }

  private void addDamage(String table, List<CriaException> damage) {
    for (int round : RunTables.rounds(run, table)) {
      try {
        Optional<Manifest> unused = run.manifest(RunTables.round(table, round));
      } catch (CriaException e) {
        damage.add(e);
      }
    }
  }

  /**
   * AnswerReading that were bought are not bought again in silence.
   *
   * @throws CriaException when the ledger has lost some
   */
  void requireLedger() {
    List<CriaException> lost = lostAnswers(Spend.of(run));
    if (!lost.isEmpty()) {
      throw lost.get(0);
    }
  }

  private List<CriaException> lostAnswers(Spend spend) {
    List<CriaException> lost = new ArrayList<>();
    for (String directory : run.list("requests")) {
      String stage = directory.replaceFirst("^stage=", "");
      for (int round : RunTables.rounds(run, "requests/" + directory)) {
        if (LedgerFiles.segments(run, stage, round).isEmpty() && wasAnswered(stage, round)) {
          lost.add(gone(LedgerFiles.directory(stage, round), "answers that a table was made from"));
        }
      }
    }
    long missing = recordsSeen - spend.records() - spend.damage().size();
    if (lost.isEmpty() && missing > 0) {
      lost.add(
          gone("ledger", missing + " of the " + recordsSeen + " records that status.json saw"));
    }
    return lost;
  }

  /** Whether the round's table holds an answer; a closed round may hold none. */
  private boolean wasAnswered(String stage, int round) {
    try {
      Optional<Manifest> table = run.manifest(RunTables.round(RunTables.ofAnswers(stage), round));
      Optional<Manifest> requests = run.manifest(RunTables.requests(stage, round));
      return table.isPresent()
          && requests.isPresent()
          && requests.get().rows() > table.get().counts().getOrDefault(AnswerReading.NOT_SENT, 0L);
    } catch (CriaException e) {
      // a damaged table is told as such
      return false;
    }
  }

  private CriaException gone(String path, String what) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(path)
            + ": "
            + what
            + " are gone: bring the folder back from a copy, or begin anew in another --run"
            + " directory; nothing was sent");
  }
}
