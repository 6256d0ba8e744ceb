package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.fs.FSError;

/**
 * The run's lock: one driver at a time, so that a scheduler's retry beside a forgotten driver does
 * not pay twice.
 *
 * <p>A directory with a file for each <em>epoch</em>: {@code _lock/1}, {@code _lock/2}, … Whoever
 * begins the next epoch holds the run; the file system lets one begin it ({@link NewFile}). The
 * file has the owner and its heartbeat. A second driver is refused while the owner lives: when it
 * is a process of this very machine, as long as that process runs; elsewhere, while its heartbeat
 * is younger than {@link #EXPIRY}, or changes while it is watched, whatever the clocks say. A file
 * that is no whole record is being written as long as it changes, and nobody's afterwards.
 *
 * <p>Numbers only grow: a release stays as the epoch's last word. So an epoch names one holder for
 * ever, and what carries a lower one than the highest comes from a driver that lost the run. Such a
 * driver notices at the next {@link #requireHeld}, its executors by {@link #isHeldByAnother}.
 */
public final class RunLock implements AutoCloseable {
  /** The directory of the epochs, in the run's. */
  public static final String FILE = "_lock";

  public static final Duration EXPIRY = Duration.ofSeconds(60);
  static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private final RunDirectory run;
  private final LockFiles files;
  private final Clock clock;
  private final LockRecord self;
  private final long epoch;
  private final ScheduledExecutorService heart;
  private volatile boolean lost;
  private volatile Instant lastBeat;
  private boolean closed;

  /**
   * Who holds a run.
   *
   * @param host of the driver
   * @param pid its process id there
   * @param heartbeat its last sign of life
   * @param isAlive as far as one look tells: the lock of a driver that does not live is taken over
   *     by the next one
   * @param isGone known for sure not to live; one that is neither may have another clock
   */
  public record Holder(
      long epoch, String host, long pid, Instant heartbeat, boolean isAlive, boolean isGone) {}

  private RunLock(RunDirectory run, Clock clock, LockRecord self, long epoch) {
    this.run = run;
    this.files = new LockFiles(run);
    this.clock = clock;
    this.self = self;
    this.epoch = epoch;
    this.lastBeat = self.lastSign();
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "cria-run-lock");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the lock.
   *
   * @throws CriaException with {@link ExitCode#RUN_REFUSED} when another driver holds it; with
   *     {@link ExitCode#BAD_INPUT} where the store cannot tell one driver from two
   */
  public static RunLock acquire(RunDirectory run, Clock clock) {
    run.requireNewFilesDecided();
    return acquire(run, clock, () -> LockSupport.parkNanos(HEARTBEAT.toNanos() / 2));
  }

  /**
   * @param watch waits half a heartbeat
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the heart beats until close
  static RunLock acquire(RunDirectory run, Clock clock, Runnable watch) {
    LockRecord self = LockRecord.ofThisProcess(UUID.randomUUID().toString(), clock.instant());
    long epoch = new LockTaking(run, clock, watch).take(self);
    RunLock lock = new RunLock(run, clock, self, epoch);
    lock.quietly("earlier epochs stay", () -> lock.files.removeBelow(epoch));
    lock.heart.scheduleWithFixedDelay(
        () -> lock.quietly("no heartbeat", lock::beat),
        HEARTBEAT.toMillis(),
        HEARTBEAT.toMillis(),
        TimeUnit.MILLISECONDS);
    return lock;
  }

  /**
   * For what need not succeed: {@link #requireHeld} counts the silence, lower epochs say nothing,
   * and a lock that was not released is taken over when its driver has ended.
   */
  private void quietly(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | FSError e) {
      // a full disk is told by whatever was at work
      System.Logger.Level level =
          NoRoom.isBehind(e) ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
      System.getLogger(RunLock.class.getName())
          .log(level, "{0}: {1}: {2}", run.root(), what, e.getMessage());
    }
  }

  /** Tells this holder from all before and after it; what it commits carries the number. */
  public long epoch() {
    return epoch;
  }

  /** The look comes before the writing: a file that is gone, or no longer ours, stays so. */
  synchronized void beat() {
    if (closed) {
      return;
    }
    if (!isOwn()) {
      lost = true;
      return;
    }
    Instant now = clock.instant();
    files.rewrite(epoch, self.beatenAt(now));
    lastBeat = now;
  }

  private boolean isOwn() {
    return files.isHeld(epoch, self.owner());
  }

  /**
   * Asked before anything is sent or published. Not while the heart writes: some stores show a file
   * half-written.
   *
   * @throws CriaException with {@link ExitCode#RUN_REFUSED} when another driver took the run over
   */
  public synchronized void requireHeld() {
    if (lastBeat.plus(EXPIRY).isBefore(clock.instant())) {
      // asleep for a while: if nobody took over, the heart beats again
      beat();
    }
    if (lost || !isOwn()) {
      lost = true;
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.root() + ": another driver took this run over: this one stops, nothing is lost");
    }
  }

  /**
   * Whether the run went on to another driver after {@code epoch}, even if that one has ended; for
   * executors.
   *
   * @throws CriaException when it cannot be read, which says nothing about who holds it
   */
  public static boolean isHeldByAnother(RunDirectory run, long epoch) {
    return new LockFiles(run).highest() > epoch;
  }

  /**
   * Who holds the run now; nobody when it was released, or the lock is no whole record.
   *
   * @throws CriaException when it cannot be read
   */
  public static Optional<Holder> holder(RunDirectory run) {
    return holder(run, Clock.systemUTC());
  }

  static Optional<Holder> holder(RunDirectory run, Clock clock) {
    return new LockFiles(run)
        .latest()
        .flatMap(
            entry ->
                entry
                    .record()
                    .filter(record -> !record.released())
                    .map(record -> holder(entry.epoch(), record, clock.instant())));
  }

  private static Holder holder(long epoch, LockRecord record, Instant now) {
    LockRecord.Life life = record.life(now);
    return new Holder(
        epoch,
        record.host(),
        record.pid(),
        record.lastSign(),
        life == LockRecord.Life.ALIVE,
        life == LockRecord.Life.GONE);
  }

  /** Whether this driver knows that it lost the run. */
  public boolean isLost() {
    return lost;
  }

  /** Gives the run back, if it is still ours. */
  @Override
  public void close() {
    heart.shutdownNow();
    quietly("the lock was not released", this::release);
  }

  private synchronized void release() {
    boolean held = !closed && !lost && isOwn();
    closed = true;
    if (held) {
      files.rewrite(epoch, self.releasedAt(clock.instant()));
    }
  }
}
