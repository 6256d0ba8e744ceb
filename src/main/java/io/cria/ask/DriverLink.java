package io.cria.ask;

import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task's line to its driver: says twice a second how far it is, and learns whether to stop. While
 * the driver cannot be reached the run's own files are looked at instead, and after {@link
 * #SILENCE} the task stops: whoever may have taken its place must not be paid for beside it.
 */
final class DriverLink implements AutoCloseable {
  static final Duration SILENCE = Duration.ofSeconds(60);
  private static final long BEAT_MILLIS = 500;
  private static final long BEGIN_MILLIS = 50;
  private static final long AGAIN_MILLIS = 1_000;

  private final RunDirectory run;
  private final String inquiry;
  private final int slice;
  private final int attempt;
  private final long epoch;
  private final Supplier<Map<String, Object>> standing;
  private final TaskLimits limits;
  private final ScheduledExecutorService heart;
  private final AtomicBoolean hurries = new AtomicBoolean();
  private volatile String stop = "";
  private volatile long heardNanos = System.nanoTime();

  /** When what is on its way is given up, by this process's clock; null without such a time. */
  private volatile @Nullable Long endNanos;

  private Set<Part> done = Set.of();

  /**
   * @param attempt of the task: a later one takes its place
   * @param epoch of the driver's lock
   * @param standing what is told at every beat
   * @param limits leased and renewed with every word to the driver
   */
  DriverLink(
      RunDirectory run,
      String inquiry,
      int slice,
      int attempt,
      long epoch,
      Supplier<Map<String, Object>> standing,
      TaskLimits limits) {
    this.run = run;
    this.inquiry = inquiry;
    this.slice = slice;
    this.attempt = attempt;
    this.epoch = epoch;
    this.standing = standing;
    this.limits = limits;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "cria-ask-beat");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes up the line, and waits until the driver lets all tasks begin.
   *
   * @param probe a file this task wrote for the driver to find; empty when there is nothing to find
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when the driver does not see it
   */
  @SuppressWarnings("FutureReturnValueIgnored") // beats until close
  void begin(String probe) {
    Map<?, ?> answer = required(Inquiry.HELLO, Map.of(Inquiry.PROBE, probe));
    if (!Boolean.TRUE.equals(answer.get(Inquiry.VISIBLE)) && stop.isEmpty()) {
      throw OnlineAsker.notShared(run, "the driver does not see the file that a worker wrote");
    }
    done = Inquiry.unpacked(answer.get(Inquiry.DONE));
    limits.whenUrgent(this::beatSoon);
    heart.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    while (!Boolean.TRUE.equals(answer.get(Inquiry.BEGIN)) && !isStopped()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BEGIN_MILLIS));
      answer = required(Inquiry.BEAT, standing.get());
    }
  }

  /** The parts that an earlier attempt of this task has reported. */
  Set<Part> done() {
    return done;
  }

  /** Reports a part of which this slice has nothing more to ask. */
  void part(Part part, Map<String, Long> segments) {
    written(Inquiry.PART, part, segments);
  }

  /** Reports what was written of a part, whether it is through or not. */
  void wrote(Part part, Map<String, Long> segments) {
    written(Inquiry.WROTE, part, segments);
  }

  /**
   * Reports the end.
   *
   * @param failed whether the other tasks are to stop, since this one cannot do its share
   */
  void end(boolean failed) {
    Map<?, ?> unused = required(Inquiry.END, Map.of(Inquiry.FAILED, failed));
  }

  private void written(String kind, Part part, Map<String, Long> segments) {
    List<String> names = new ArrayList<>(segments.keySet());
    List<Long> bytes = new ArrayList<>(segments.values());
    required(
        kind,
        Map.of(
            Inquiry.ROUND,
            part.round(),
            Inquiry.NUMBER,
            part.number(),
            Inquiry.SEGMENTS,
            names,
            Inquiry.BYTES,
            bytes));
  }

  /** Whether the task is to stop: because it was told to, or has heard nothing for too long. */
  boolean isStopped() {
    return !stop.isEmpty() || isSilent();
  }

  /** Whether the driver has no more time for what is on its way. */
  boolean isOverdue() {
    Long end = endNanos;
    return end != null && System.nanoTime() - end >= 0;
  }

  private boolean isSilent() {
    return System.nanoTime() - heardNanos > SILENCE.toNanos();
  }

  /** Of a task that cannot even begin: tells the driver, as well as it can. */
  static void failed(String inquiry, int slice, int attempt) {
    HashMap<String, Object> message = new HashMap<>();
    message.put(Inquiry.KIND, Inquiry.END);
    message.put(Inquiry.ID, inquiry);
    message.put(Inquiry.SLICE, slice);
    message.put(Inquiry.ATTEMPT, attempt);
    message.put(Inquiry.FAILED, true);
    try {
      Map<?, ?> unused = AskPlugin.ask(message);
    } catch (Exception e) {
      System.getLogger(DriverLink.class.getName())
          .log(System.Logger.Level.DEBUG, "the driver does not answer", e);
    }
  }

  /** Says at once what would else wait for the next beat; never blocks. */
  private void beatSoon() {
    if (!hurries.getAndSet(true)) {
      try {
        heart.execute(this::beat);
      } catch (RejectedExecutionException e) {
        // the task has ended, and has said its last word
        hurries.set(false);
      }
    }
  }

  private void beat() {
    hurries.set(false);
    try {
      said(Inquiry.BEAT, standing.get());
    } catch (Throwable e) {
      // Throwable: a heart that ends in silence would let this task go on unheard
      unheard(e);
    }
  }

  /** Says it again until it is answered, or the driver has been silent for too long. */
  private Map<?, ?> required(String kind, Map<String, Object> more) {
    while (true) {
      try {
        return said(kind, more);
      } catch (Exception e) {
        if (isSilent() || Thread.currentThread().isInterrupted()) {
          throw new CriaException(
              ExitCode.FAULT,
              "a task cannot reach its driver ("
                  + e.getMessage()
                  + "): look at the network between the hosts and whether the driver lives, then"
                  + " give the same command again",
              e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS));
      }
    }
  }

  private Map<?, ?> said(String kind, Map<String, Object> more) throws Exception {
    HashMap<String, Object> message = new HashMap<>(more);
    message.put(Inquiry.KIND, kind);
    message.put(Inquiry.ID, inquiry);
    message.put(Inquiry.SLICE, slice);
    message.put(Inquiry.ATTEMPT, attempt);
    message.putAll(limits.said());
    long askedAt = System.nanoTime();
    Map<?, ?> answer = AskPlugin.ask(message);
    heardNanos = System.nanoTime();
    limits.take(answer, heardNanos - askedAt);
    if (answer.get(Inquiry.LEFT) instanceof Number left) {
      endNanos = heardNanos + TimeUnit.MILLISECONDS.toNanos(left.longValue());
    }
    if (Inquiry.CAP.equals(answer.get(Inquiry.STOP))) {
      return answer;
    }
    if (stop.isEmpty() && answer.get(Inquiry.STOP) instanceof String asked) {
      stop = asked;
    }
    return answer;
  }

  private void unheard(@Nullable Throwable cause) {
    if (isSilent() || filesSayStop()) {
      stop = stop.isEmpty() ? Inquiry.REQUESTED : stop;
    }
    System.getLogger(DriverLink.class.getName())
        .log(System.Logger.Level.DEBUG, "the driver does not answer", cause);
  }

  /** A file that cannot be read now says nothing; the next look tries again. */
  private boolean filesSayStop() {
    try {
      return run.exists(AskContext.STOP_FILE) || RunLock.isHeldByAnother(run, epoch);
    } catch (RuntimeException | Error e) {
      System.getLogger(DriverLink.class.getName())
          .log(System.Logger.Level.DEBUG, "no look at the run: {0}", e.getMessage());
      return false;
    }
  }

  /** Says for the last time how far it came. */
  @Override
  public void close() {
    heart.shutdownNow();
    beat();
  }
}
