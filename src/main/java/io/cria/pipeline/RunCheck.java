package io.cria.pipeline;

import io.cria.ask.Spend;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
import io.cria.storage.AskedTotals;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    for (StageDeclaration stage : RunTables.asked(run)) {
      for (int round : RunTables.rounds(run, Line.REQUESTS, stage.name())) {
        addDamage(stage.requests(round), damage);
      }
      for (int round : RunTables.rounds(run, Line.ANSWERS, stage.name())) {
        addDamage(stage.answers(round), damage);
      }
    }
    for (StageDeclaration stage : Line.STAGES) {
      for (int round : RunTables.rounds(run, stage.table())) {
        addDamage(stage.table().round(round), damage);
      }
    }
    for (TableDeclaration table : RunTables.beside(run)) {
      for (int round : RunTables.rounds(run, table)) {
        addDamage(table.round(round), damage);
      }
    }
    return damage;
  }

  private void addDamage(String directory, List<CriaException> damage) {
    try {
      List<Manifest> unused = RunTables.committed(run, directory);
    } catch (CriaException e) {
      damage.add(e);
    }
  }

  /**
   * Answers that were bought are not bought again in silence.
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
    for (StageDeclaration stage : RunTables.asked(run)) {
      for (int round : RunTables.rounds(run, Line.ANSWERS, stage.name())) {
        if (isLost(stage, round)) {
          lost.add(
              gone(
                  LedgerFiles.directory(stage.name(), round),
                  "answers that a table was made from"));
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

  /** Whether a segment that a committed part was made from is not there as it was. */
  private boolean isLost(StageDeclaration stage, int round) {
    Map<String, Long> there = new HashMap<>();
    LedgerFiles.segments(run, stage.name(), round)
        .forEach(segment -> there.put(segment.path(), segment.bytes()));
    try {
      for (Manifest part : RunTables.committed(run, stage.answers(round))) {
        AskedTotals asked = part.asked();
        if (asked != null && asked.segments().stream().anyMatch(s -> isShorter(there, s))) {
          return true;
        }
      }
      return false;
    } catch (CriaException e) {
      // a damaged table is told as such
      return false;
    }
  }

  /**
   * Whether less of a segment can be read than was; the length listed of one that a killed writer
   * left open may be too small.
   */
  private boolean isShorter(Map<String, Long> there, AskedTotals.Segment segment) {
    Long listed = there.get(segment.name());
    return listed == null
        || (listed < segment.bytes() && !run.hasBytes(segment.name(), segment.bytes()));
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
