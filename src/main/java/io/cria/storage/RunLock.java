package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The run's lock: one driver at a time, so that a scheduler's retry beside a forgotten driver does
 * not pay twice.
 *
 * <p>A file with owner and heartbeat. A second driver is refused while the owner lives: when it is
 * a process of this very machine, as long as that process runs; elsewhere, while its heartbeat is
 * younger than {@link #EXPIRY}, or changes while it is watched, whatever the clocks say. Taking
 * over is decided by the rename of the old file: only one of several can win it. A driver that lost
 * its lock notices at the next {@link #requireHeld}, its executors by {@link #isHeldByAnother}.
 */
public final class RunLock implements AutoCloseable {
  public static final String FILE = "_lock";
  public static final Duration EXPIRY = Duration.ofSeconds(60);
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final int WATCHES = 5;

  /**
   * @param owner unique for each driver
   * @param host of the driver
   * @param machine one boot of one machine, and one space of process ids in it
   * @param pid its process id there
   * @param processStart start of that process, against reused process ids
   * @param heartbeat last sign of life
   */
  record Holder(
      String owner, String host, String machine, long pid, String processStart, String heartbeat) {}

  private final RunDirectory run;
  private final Clock clock;
  private final Runnable watch;
  private final Holder self;
  private final ScheduledExecutorService heart;
  private volatile boolean lost;
  private volatile Instant lastBeat;

  private RunLock(RunDirectory run, Clock clock, Runnable watch, Holder self) {
    this.run = run;
    this.clock = clock;
    this.watch = watch;
    this.self = self;
    this.lastBeat = clock.instant();
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
   * @throws CriaException with {@link ExitCode#RUN_REFUSED} when another driver holds it
   */
  public static RunLock acquire(RunDirectory run, Clock clock) {
    return acquire(run, clock, () -> LockSupport.parkNanos(HEARTBEAT.toNanos() / 2));
  }

  /**
   * @param watch waits half a heartbeat
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the heart beats until close
  static RunLock acquire(RunDirectory run, Clock clock, Runnable watch) {
    RunLock lock = new RunLock(run, clock, watch, self(clock));
    try {
      lock.take();
    } catch (RuntimeException e) {
      lock.heart.shutdownNow();
      throw e;
    }
    lock.heart.scheduleWithFixedDelay(
        lock::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    return lock;
  }

  private static Holder self(Clock clock) {
    long pid = ProcessHandle.current().pid();
    return new Holder(
        UUID.randomUUID().toString(),
        host(),
        machine(),
        pid,
        startOf(pid),
        clock.instant().toString());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // a host without a name of its own: the JVM's name has what the platform knows
      return ManagementFactory.getRuntimeMXBean().getName();
    }
  }

  /** Containers may share a host's name and not its processes, and machines may share a name. */
  private static String machine() {
    try {
      Path proc = Path.of("/proc");
      return Files.readString(proc.resolve("sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(proc.resolve("self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      // no Linux: only the heartbeat tells whether a driver lives
      return "";
    }
  }

  private static String startOf(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().startInstant())
        .map(Instant::toString)
        .orElse("");
  }

  private void take() {
    for (int tries = 0; tries < 3; tries++) {
      if (run.createNew(FILE, Json.write(self))) {
        return;
      }
      Optional<String> text = run.text(FILE);
      if (text.isEmpty()) {
        continue;
      }
      Optional<Holder> holder = parse(text.get());
      if (holder.isPresent() && isAlive(holder.get())) {
        throw refused(holder.get());
      }
      if (holder.isEmpty() && changesWhileWatched()) {
        continue; // it was being written
      }
      setAside(text.get());
    }
    throw new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(FILE)
            + ": the lock is contended: another driver is taking this run; try again later");
  }

  private static Optional<Holder> parse(String text) {
    try {
      return Optional.of(Json.read(text, Holder.class));
    } catch (IllegalArgumentException e) {
      // torn by a kill while it was written: nobody holds it
      return Optional.empty();
    }
  }

  private boolean isAlive(Holder holder) {
    if (!holder.machine().isEmpty() && holder.machine().equals(self.machine())) {
      return !startOf(holder.pid()).isEmpty()
          && startOf(holder.pid()).equals(holder.processStart());
    }
    return Instant.parse(holder.heartbeat()).plus(EXPIRY).isAfter(clock.instant())
        || changesWhileWatched();
  }

  /** Two clocks may differ by more than the expiry; a heart that beats shows itself. */
  private boolean changesWhileWatched() {
    String before = run.text(FILE).orElse("");
    for (int look = 0; look < WATCHES; look++) {
      watch.run();
      if (!run.text(FILE).orElse("").equals(before)) {
        return true;
      }
    }
    return false;
  }

  private CriaException refused(Holder holder) {
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

  /** Moves the expired lock away; the rename decides between several who try. */
  private void setAside(String expected) {
    String aside = run.newTemporary();
    try {
      run.rename(FILE, aside);
    } catch (CriaException e) {
      return; // another driver was quicker; the next turn sees its lock
    }
    if (!run.text(aside).orElse("").equals(expected)) {
      // what we moved was a fresh lock: put it back, unless its place is taken
      run.createNew(FILE, run.text(aside).orElse(""));
    }
  }

  /**
   * Failures of the file system are left to the next beat: {@link #requireHeld} counts the silence.
   */
  private void beat() {
    try {
      beatOnce();
    } catch (RuntimeException e) {
      System.getLogger(RunLock.class.getName())
          .log(System.Logger.Level.WARNING, "no heartbeat: {0}", e.getMessage());
    }
  }

  private void beatOnce() {
    if (!isOwn()) {
      lost = true;
      return;
    }
    Instant now = clock.instant();
    run.replace(
        FILE,
        Json.write(
            new Holder(
                self.owner(),
                self.host(),
                self.machine(),
                self.pid(),
                self.processStart(),
                now.toString())));
    lastBeat = now;
  }

  private boolean isOwn() {
    return run.text(FILE)
        .flatMap(RunLock::parse)
        .map(Holder::owner)
        .orElse("")
        .equals(self.owner());
  }

  /**
   * Asked before anything is sent or published.
   *
   * @throws CriaException with {@link ExitCode#RUN_REFUSED} when another driver took the run over
   */
  public void requireHeld() {
    boolean silent = lastBeat.plus(EXPIRY).isBefore(clock.instant());
    if (silent && isOwn()) {
      // asleep for a while, and nobody took over: the heart beats again
      beatOnce();
    }
    if (lost || !isOwn()) {
      lost = true;
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.root() + ": another driver took this run over: this one stops, nothing is lost");
    }
  }

  /** Names this holder, for {@link #isHeldByAnother}. */
  public String owner() {
    return self.owner();
  }

  /**
   * Whether somebody else than {@code owner} holds the run now; for executors. A lock being written
   * counts as held.
   */
  public static boolean isHeldByAnother(RunDirectory run, String owner) {
    return run.text(FILE).flatMap(RunLock::parse).map(h -> !h.owner().equals(owner)).orElse(false);
  }

  /** Whether this driver knows that it lost the run. */
  public boolean isLost() {
    return lost;
  }

  @Override
  public void close() {
    heart.shutdownNow();
    if (!lost && isOwn()) {
      run.delete(FILE);
    }
  }
}
