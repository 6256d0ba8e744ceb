package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.util.Optional;

/**
 * How a driver takes a run: it looks at the highest epoch, makes sure that nobody holds it, and
 * begins the next one. Of several who do, one begins it; the others look again.
 */
final class LockTaking {
  private static final int TRIES = 3;
  private static final int WATCHES = 5;

  private final RunDirectory run;
  private final LockFiles files;
  private final Clock clock;
  private final Runnable watch;

  /**
   * @param watch waits half a heartbeat
   */
  LockTaking(RunDirectory run, Clock clock, Runnable watch) {
    this.run = run;
    this.files = new LockFiles(run);
    this.clock = clock;
    this.watch = watch;
  }

  /**
   * The epoch that {@code self} holds now.
   *
   * @throws CriaException with {@link ExitCode#RUN_REFUSED} when another driver holds the run
   */
  long take(LockRecord self) {
    for (int tries = 0; tries < TRIES; tries++) {
      Optional<LockFiles.Entry> found = files.latest();
      if (found.isPresent() && !isAbandoned(found.get())) {
        continue;
      }
      long next = found.map(LockFiles.Entry::epoch).orElse(0L) + 1;
      files.begin(next, self);
      if (files.isHeld(next, self.owner())) {
        return next;
      }
    }
    throw new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(RunLock.FILE)
            + ": the lock is contended: another driver is taking this run; try again later");
  }

  /** Whether nobody holds it. When not, it changed while it was watched: look again. */
  private boolean isAbandoned(LockFiles.Entry found) {
    Optional<LockRecord> record = found.record();
    LockRecord.Life life = record.map(r -> r.life(clock.instant())).orElse(LockRecord.Life.SILENT);
    if (life == LockRecord.Life.ALIVE) {
      throw refused(record.orElseThrow());
    }
    if (life == LockRecord.Life.GONE) {
      return true;
    }
    Optional<LockFiles.Entry> changed = changedWhileWatched(found);
    Optional<LockRecord> beaten =
        changed.filter(entry -> entry.epoch() == found.epoch()).flatMap(LockFiles.Entry::record);
    if (record.isPresent() && beaten.isPresent() && !beaten.get().released()) {
      throw refused(beaten.get());
    }
    return changed.isEmpty();
  }

  /** Two clocks may differ by more than the expiry; a heart that beats shows itself. */
  private Optional<LockFiles.Entry> changedWhileWatched(LockFiles.Entry before) {
    for (int look = 0; look < WATCHES; look++) {
      watch.run();
      Optional<LockFiles.Entry> now = files.latest();
      if (!now.equals(Optional.of(before))) {
        return now;
      }
    }
    return Optional.empty();
  }

  private CriaException refused(LockRecord holder) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.root()
            + ": another driver holds this run (host "
            + holder.host()
            + ", process "
            + holder.pid()
            + ", last sign of life "
            + holder.heartbeat()
            + "): wait for it, or end it first");
  }
}
