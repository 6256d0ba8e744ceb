package io.cria.pipeline;

import io.cria.ask.Spend;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.Shortfall;
import io.cria.run.TableDeclaration;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The content of status.json: how the last invocation ended or how it goes. Rewritten atomically,
 * because some deploy modes lose exit codes.
 *
 * @param state {@code running, done, stopped, capped, failed}
 * @param exitCode of the command; -1 while it runs
 * @param reason why it did not end well; empty otherwise
 * @param stage the stage it is in, or ended in
 * @param updatedAt when this was written
 * @param counts rows by table and reason
 * @param spend what the ledger sums up to
 * @param shortfall why the line ends short of its target, where a cap has it so
 * @param invocation what the invocation was called by whoever submitted it ({@link Outcome}); empty
 *     without a name
 */
public record RunStatus(
    String state,
    int exitCode,
    String reason,
    String stage,
    String updatedAt,
    Map<String, Map<String, Long>> counts,
    Spend spend,
    List<Shortfall.Cause> shortfall,
    String invocation) {
  public static final String FILE = "status.json";

  public RunStatus {
    // a training's status has neither
    stage = stage == null ? "" : stage;
    counts = counts == null ? new TreeMap<>() : new TreeMap<>(counts);
    // a status of 0.2.0 has none
    shortfall = shortfall == null ? List.of() : List.copyOf(shortfall);
    // one of 0.3.0 has none
    invocation = invocation == null ? "" : invocation;
  }

  /**
   * Reads it; empty when no stage was ever begun.
   *
   * @throws CriaException when it is damaged
   */
  public static Optional<RunStatus> read(RunDirectory run) {
    return run.text(FILE).map(text -> read(run, text));
  }

  private static RunStatus read(RunDirectory run, String text) {
    try {
      return Json.read(text, RunStatus.class);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.path(FILE)
              + ": damaged ("
              + e.getMessage()
              + "): remove it; the next command writes it anew",
          e);
    }
  }

  /**
   * A status and whether to believe it.
   *
   * @param dead whether it says that a driver is at work, and none is: that one was killed
   */
  public record Seen(RunStatus status, boolean dead) {}

  /** What status.json says, held against the lock; empty when no stage was ever begun. */
  public static Optional<Seen> look(RunDirectory run) {
    Optional<RunStatus> before = read(run);
    if (before.isEmpty() || !before.get().isRunning() || isHeld(run)) {
      return before.map(status -> new Seen(status, false));
    }
    // a driver that ended between the two looks has said so before it gave the run back
    return read(run).map(now -> new Seen(now, now.isRunning() && !isHeld(run)));
  }

  private static boolean isHeld(RunDirectory run) {
    return RunLock.holder(run).filter(RunLock.Holder::isAlive).isPresent();
  }

  private boolean isRunning() {
    return state.equals("running");
  }

  /** Whether the last invocation ended well and the dataset with it. */
  public boolean isDone() {
    return state.equals("done") && stage.equals("dataset");
  }

  /** What an invocation writes of itself, whatever it is at. */
  record Writer(RunDirectory run, Shortfall shortfall, String invocation) {
    void running(String stage, Instant now) {
      write("running", -1, "", stage, now);
    }

    void ended(ExitCode code, String reason, String stage, Instant now) {
      write(state(code), code.code(), reason, stage, now);
    }

    private void write(String state, int exitCode, String reason, String stage, Instant now) {
      run.replace(
          FILE,
          Json.write(
              new RunStatus(
                  state,
                  exitCode,
                  reason,
                  stage,
                  now.toString(),
                  counts(run),
                  Spend.of(run),
                  shortfall.causes(),
                  invocation)));
    }

    /** Of one that was refused before it did anything: what was seen of the run stays. */
    void refused(ExitCode code, String reason, Instant now) {
      RunStatus before = read(run).orElse(null);
      if (before == null) {
        ended(code, reason, "", now);
        return;
      }
      run.replace(
          FILE,
          Json.write(
              new RunStatus(
                  state(code),
                  code.code(),
                  reason,
                  before.stage(),
                  now.toString(),
                  before.counts(),
                  before.spend(),
                  before.shortfall(),
                  invocation)));
    }
  }

  /** Why the line ends short of its target by what earlier invocations left. */
  static Shortfall shortfall(RunDirectory run) {
    return new Shortfall(read(run).map(RunStatus::shortfall).orElse(List.of()));
  }

  private static String state(ExitCode code) {
    return switch (code) {
      case DONE -> "done";
      case STOPPED -> "stopped";
      case CAP_REACHED -> "capped";
      case FAULT, BAD_INPUT, ENDPOINT, RUN_REFUSED -> "failed";
    };
  }

  /** A damaged round has no counts: the status must be told whatever the tables are. */
  private static void count(RunDirectory run, String directory, Map<String, Long> sum) {
    try {
      for (Manifest part : RunTables.committed(run, directory)) {
        part.counts().forEach((reason, rows) -> sum.merge(reason, rows, Long::sum));
        sum.merge("rows", part.rows(), Long::sum);
      }
    } catch (CriaException e) {
      System.getLogger(RunStatus.class.getName())
          .log(System.Logger.Level.DEBUG, "not counted: {0}", e.getMessage());
    }
  }

  /**
   * Rows by reason of each table, summed over what is committed and whole: of a line's run all of
   * the line's, and whatever others there are.
   */
  public static Map<String, Map<String, Long>> counts(RunDirectory run) {
    List<TableDeclaration> tables = new ArrayList<>(RunTables.beside(run));
    if (RunRecord.read(run).filter(record -> !record.isLine()).isEmpty()) {
      Line.STAGES.forEach(stage -> tables.add(stage.table()));
    }
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (TableDeclaration table : tables) {
      Map<String, Long> sum = new TreeMap<>();
      for (int round : RunTables.rounds(run, table)) {
        count(run, table.round(round), sum);
      }
      counts.put(table.name(), sum);
    }
    return counts;
  }
}
