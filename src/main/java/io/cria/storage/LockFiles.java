package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of a run's lock, one for each epoch, named by its number. Only the highest counts: a
 * lower one that a slow driver brought back says nothing.
 */
final class LockFiles {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
  private static final int TRIES = 3;

  private final RunDirectory run;

  LockFiles(RunDirectory run) {
    this.run = run;
  }

  /**
   * @param text as it stands there; empty, too, where it went while it was looked at
   */
  record Entry(long epoch, String text) {
    Optional<LockRecord> record() {
      return LockRecord.parse(text);
    }
  }

  /**
   * The highest epoch; 0 when there was none yet.
   *
   * @throws CriaException when it cannot be listed, or the lock is one of format 1
   */
  long highest() {
    long highest = 0;
    for (String name : run.list(RunLock.FILE)) {
      if (name.equals(RunLock.FILE)) {
        throw formatOne(); // a file's listing is the file
      }
      highest = Math.max(highest, epoch(name));
    }
    return highest;
  }

  private static long epoch(String name) {
    return NUMBER.matcher(name).matches() ? Long.parseLong(name) : 0;
  }

  private CriaException formatOne() {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(RunLock.FILE)
            + ": this directory is of format 1, which Cria 0.1.0 reads: go on with that version, or"
            + " begin in a new directory");
  }

  /** What the highest epoch says. */
  Optional<Entry> latest() {
    long epoch = highest();
    return epoch == 0 ? Optional.empty() : Optional.of(new Entry(epoch, text(epoch)));
  }

  /** An object that is replaced between a reader's requests cannot be read, for that once. */
  private String text(long epoch) {
    for (int tries = 1; ; tries++) {
      try {
        return run.text(name(epoch)).orElse("");
      } catch (CriaException e) {
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /** Whether {@code owner} holds the run: in the highest epoch, that one, not released. */
  boolean isHeld(long epoch, String owner) {
    return latest()
        .filter(entry -> entry.epoch() == epoch)
        .flatMap(Entry::record)
        .filter(record -> record.owner().equals(owner) && !record.released())
        .isPresent();
  }

  /**
   * Begins an epoch for {@code record}, unless somebody else did. Reading tells whose it is: a
   * store may refuse a repeated request because of the first one's success.
   */
  void begin(long epoch, LockRecord record) {
    run.createNew(name(epoch), Json.write(record));
  }

  void rewrite(long epoch, LockRecord record) {
    run.replace(name(epoch), Json.write(record));
  }

  void removeBelow(long epoch) {
    for (String name : run.list(RunLock.FILE)) {
      long other = epoch(name);
      if (other > 0 && other < epoch) {
        run.delete(name(other));
      }
    }
  }

  private static String name(long epoch) {
    return RunLock.FILE + "/" + epoch;
  }
}
