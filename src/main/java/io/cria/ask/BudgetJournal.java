package io.cria.ask;

import io.cria.run.AskContext;
import io.cria.storage.Json;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run has granted of its caps to jobs of asking: {@code _budget/JOB.json}, written before a
 * grant goes out. A job that ends well leaves none. Of one that was killed, what was granted and
 * does not stand in the ledger may have been sent and billed: it counts as lost ever after.
 */
public final class BudgetJournal {
  private static final String DIRECTORY = "_budget";
  private static final String ENDING = ".json";

  private final RunDirectory run;
  private final String job;

  /**
   * @param job names the job, as its segments do
   */
  BudgetJournal(RunDirectory run, String job) {
    this.run = run;
    this.job = job;
  }

  /**
   * The content of a file.
   *
   * @param granted outstanding at most
   * @param lost what of it counts as lost; null as long as the job may be at work
   */
  record Entry(Amount granted, @Nullable Amount lost) {}

  /** Remembers that so much may be outstanding. */
  void grant(Amount outstanding) {
    write(run, job, new Entry(outstanding, null));
  }

  /** The job has ended, and all that it sent stands in the ledger. */
  void forget() {
    run.delete(file(job));
  }

  /**
   * The job has ended, but not all of its tasks have said so: what they held and did not write down
   * is lost.
   *
   * @param held by all of them, and taken by those that ended
   */
  void settle(AskContext context, Amount held) {
    Amount unused = settled(context, job, new Entry(held, null));
  }

  /** What jobs of earlier invocations have lost; finds out where that is not known yet. */
  static Amount lost(AskContext context) {
    Amount sum = Amount.ZERO;
    for (Map.Entry<String, Entry> job : entries(context.run()).entrySet()) {
      Amount known = job.getValue().lost();
      sum = sum.plus(known == null ? settled(context, job.getKey(), job.getValue()) : known);
    }
    return sum;
  }

  /**
   * What counts as lost of jobs that have ended without a word, as far as is known; of one that may
   * be at work, nothing.
   */
  public static Amount known(RunDirectory run) {
    return entries(run).values().stream()
        .map(Entry::lost)
        .filter(Objects::nonNull)
        .reduce(Amount.ZERO, Amount::plus);
  }

  /** Whether a job is at work, or was killed and nobody has found out yet what is lost. */
  public static boolean isOpen(RunDirectory run) {
    return entries(run).values().stream().anyMatch(entry -> entry.lost() == null);
  }

  /** The files by job; one that a job takes away meanwhile is left out. */
  private static Map<String, Entry> entries(RunDirectory run) {
    Map<String, Entry> entries = new TreeMap<>();
    for (String name : run.list(DIRECTORY)) {
      if (name.endsWith(ENDING)) {
        String job = name.substring(0, name.length() - ENDING.length());
        run.text(file(job)).ifPresent(text -> entries.put(job, parsed(run, job, text)));
      }
    }
    return entries;
  }

  private static Amount settled(AskContext context, String job, Entry entry) {
    List<LedgerFiles.Found> segments =
        LedgerFiles.segments(context.run()).stream()
            .filter(segment -> segment.name().contains("-" + job + "-"))
            .toList();
    Settlement.Sum sum = new Settlement.Sum();
    LedgerScan.of(context, segments, text -> true).seen().forEach(seen -> sum.add(seen.entry()));
    Amount recorded = sum.taken();
    Amount lost = entry.granted().minus(recorded).max(Amount.ZERO);
    write(context.run(), job, new Entry(entry.granted(), lost));
    return lost;
  }

  private static void write(RunDirectory run, String job, Entry entry) {
    run.replace(file(job), Json.write(entry));
  }

  private static Entry parsed(RunDirectory run, String job, String text) {
    try {
      return Json.read(text, Entry.class);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.path(file(job))
              + ": damaged ("
              + e.getMessage()
              + "): what an interrupted job may have spent is not known; remove it to count nothing"
              + " for it",
          e);
    }
  }

  private static String file(String job) {
    return DIRECTORY + "/" + job + ENDING;
  }
}
