package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a window of requests in flight through the steps and hands their last records to the
 * iterating thread, which alone admits requests and counts those in flight.
 */
final class DispatchingClient implements ModelClient {
  /** How often the caller's stop condition is looked at while nothing happens. */
  private static final Duration POLL = Duration.ofMillis(100);

  private final Step steps;
  private final StopSwitch stop;
  private final EndpointHealth health;
  private final Window window;
  private final Schedule schedule;
  private final RetryRules rules;
  private final ToIntFunction<String> nextAttempt;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier giveUp;
  private final UsefulAnswers usefulAnswers;
  private final JobStop jobStop;
  private final DeadlineExchange exchange;
  private final Supplier<CompletableFuture<Boolean>> serverIsUp;

  private final LinkedBlockingQueue<Completed> completed = new LinkedBlockingQueue<>();
  private volatile Schedule.@Nullable Alarm drain;
  private int inFlight;
  private boolean exhausted;
  private @Nullable CompletableFuture<Boolean> lastQuestion;
  private boolean interrupted;

  /**
   * A request that is through: with its last record; without one, because no attempt came of it; or
   * with a failure.
   */
  private record Completed(@Nullable LedgerRecord record, @Nullable Throwable failure) {}

  DispatchingClient(
      Step steps,
      StopSwitch stop,
      EndpointHealth health,
      Schedule schedule,
      RetryRules rules,
      ToIntFunction<String> nextAttempt,
      BooleanSupplier stopRequested,
      BooleanSupplier giveUp,
      UsefulAnswers usefulAnswers,
      JobStop jobStop,
      DeadlineExchange exchange,
      Supplier<CompletableFuture<Boolean>> serverIsUp) {
    this.steps = steps;
    this.stop = stop;
    this.health = health;
    this.window = health.window();
    this.schedule = schedule;
    this.rules = rules;
    this.nextAttempt = nextAttempt;
    this.stopRequested = stopRequested;
    this.giveUp = giveUp;
    this.usefulAnswers = usefulAnswers;
    this.jobStop = jobStop;
    this.exchange = exchange;
    this.serverIsUp = serverIsUp;
    stop.onStop(() -> drain = schedule.deadline(rules.drainTimeout(), exchange::cancelAll));
  }

  @Override
  public Iterator<LedgerRecord> ask(Iterator<LlmRequest> requests) {
    return asked(requests);
  }

  /** As {@link #ask}, for one that may also drive it without waiting. */
  LastRecords asked(Iterator<LlmRequest> requests) {
    exhausted = false;
    return new LastRecords(requests);
  }

  @Override
  public StopReason stopReason() {
    return stop.reason();
  }

  @Override
  public void close() {
    stop.stop(StopReason.CLOSED, null);
    while (inFlight > 0) {
      take(POLL);
    }
    Schedule.Alarm alarm = drain;
    if (alarm != null) {
      alarm.cancel();
    }
    restoreInterrupt();
  }

  /** The last records in the order of completion. */
  final class LastRecords implements Iterator<LedgerRecord> {
    private final Iterator<LlmRequest> requests;
    private @Nullable LedgerRecord next;

    LastRecords(Iterator<LlmRequest> requests) {
      this.requests = requests;
    }

    @Override
    public boolean hasNext() {
      while (next == null) {
        refill(POLL);
        if (inFlight == 0) {
          restoreInterrupt();
          CriaException failure = stop.failure();
          if (failure != null) {
            throw failure;
          }
          return false;
        }
        next = take(POLL);
      }
      return true;
    }

    @Override
    public LedgerRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no further answer");
      }
      LedgerRecord record = Objects.requireNonNull(next);
      next = null;
      return record;
    }

    /**
     * Admits what there is room for and hands over what is through, without waiting for either.
     *
     * @return whether something is still to come
     */
    boolean pump(Consumer<LedgerRecord> last) {
      refill(Duration.ZERO);
      while (!completed.isEmpty()) {
        LedgerRecord record = take(Duration.ZERO);
        if (record != null) {
          last.accept(record);
        }
        refill(Duration.ZERO);
      }
      return inFlight > 0 || !(exhausted || stop.isStopped());
    }

    /** Admits while there is room, and not much beyond what the caller has yet to take. */
    private void refill(Duration wait) {
      while (!exhausted && completed.size() < window.size() && !stopping()) {
        if (!acquire(wait)) {
          if (inFlight > 0 || wait.isZero()) {
            return;
          }
          continue;
        }
        LlmRequest request;
        try {
          request = requests.hasNext() ? requests.next() : null;
        } catch (Throwable e) {
          window.release();
          throw e;
        }
        if (request == null) {
          window.release();
          exhausted = true;
        } else {
          admit(request);
        }
      }
    }
  }

  /**
   * A permit; with nothing of its own in flight there is no answer to wait for, so it waits for the
   * permit a while.
   */
  private boolean acquire(Duration wait) {
    try {
      return inFlight > 0 ? window.tryAcquire() : window.tryAcquire(wait);
    } catch (InterruptedException e) {
      interrupt();
      return false;
    }
  }

  /** Sends a request; takes over the permit. */
  private void admit(LlmRequest request) {
    AtomicBoolean held = new AtomicBoolean(true);
    Runnable release =
        () -> {
          if (held.getAndSet(false)) {
            window.release();
          }
        };
    Breaker breaker = health.breaker();
    Call.History history = new Call.History(rules.totalTimeout(), release);
    boolean opened = false;
    CompletableFuture<Step.Attempted> answer;
    try {
      breaker.opened();
      opened = true;
      int attempt = nextAttempt.applyAsInt(request.requestKey());
      answer = steps.send(new Call(request, attempt, history));
    } catch (Throwable e) {
      release.run();
      if (opened) {
        breaker.closed(history);
      }
      throw e;
    }
    inFlight++;
    CompletableFuture<Step.Attempted> unused =
        answer.whenComplete(
            (answered, failure) -> {
              Completed through = through(history, answered, failure);
              release.run();
              completed.add(through);
            });
  }

  /** Never throws: the iterating thread waits for every request that it has admitted. */
  private Completed through(
      Call.History history, Step.@Nullable Attempted answered, @Nullable Throwable failure) {
    try {
      health.breaker().closed(history);
      return failure == null && answered != null
          ? new Completed(judged(answered), null)
          : new Completed(null, failure);
    } catch (Throwable e) {
      return new Completed(null, e);
    }
  }

  /** The record if it ends its request; stops the job where the record says so. */
  private @Nullable LedgerRecord judged(Step.Attempted last) {
    LedgerRecord record = last.record();
    if (record.outcome() == Outcome.STOP_JOB) {
      stop.stop(StopReason.ENDPOINT, jobStop.because(last));
    }
    if (!record.outcome().isTerminal()) {
      return null;
    }
    int useless = usefulAnswers.count(record);
    if (useless > 0) {
      stop.stop(StopReason.ENDPOINT, jobStop.useless(useless, record));
    }
    return record;
  }

  /**
   * Waits a while for a request to get through: its last record, or null where none came of it or
   * of the wait.
   */
  private @Nullable LedgerRecord take(Duration wait) {
    if (stop.isStopped() && giveUp.getAsBoolean()) {
      exchange.cancelAll();
    }
    Completed next;
    try {
      next = completed.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupt();
      return null;
    }
    if (next == null) {
      if (stopping() && stop.reason() == StopReason.FAULT) {
        exchange.cancelAll();
      }
      return null;
    }
    inFlight--;
    if (next.failure() != null) {
      fail(next.failure());
    }
    return next.record();
  }

  private void fail(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof Step.NotSent) {
      return;
    }
    CriaException told =
        cause instanceof CriaException e
            ? e
            : new CriaException(ExitCode.FAULT, "the model client failed: " + cause, cause);
    stop.stop(StopReason.FAULT, told);
    // What is still to come could not be kept.
    exchange.cancelAll();
  }

  private boolean stopping() {
    // Looked at before sending too: the transport refuses to send for an interrupted thread.
    if (Thread.interrupted()) {
      interrupt();
    }
    if (!stop.isStopped()) {
      if (stopRequested.getAsBoolean()) {
        stop.stop(StopReason.REQUESTED, null);
      } else {
        stopWhenDownForLong();
      }
    }
    return stop.isStopped();
  }

  private void stopWhenDownForLong() {
    Instant since = health.breaker().downSince();
    if (since != null
        && inFlight > 0
        && !schedule.now().isBefore(since.plus(rules.outageTimeout()))
        && !maySurvive()) {
      stop.stop(StopReason.ENDPOINT, jobStop.down(since, health.lastWords().orElse("no answer")));
      // What such a server may still say is not worth the wait.
      exchange.cancelAll();
    }
  }

  /**
   * The last requests of all may be such that a server fails on whenever it is asked them. That
   * must not stop this run and every one after it, so the server has the last word.
   */
  private boolean maySurvive() {
    if (!exhausted || !health.breaker().allOpenFail()) {
      return false;
    }
    CompletableFuture<Boolean> question = lastQuestion;
    if (question == null) {
      lastQuestion = serverIsUp.get();
      return true;
    }
    if (!question.isDone()) {
      return true;
    }
    lastQuestion = null;
    boolean up = question.join();
    if (up) {
      health.breaker().blameRequests();
    }
    return up;
  }

  /** An interrupt means: stop. The draining goes on; the thread's flag is set again after it. */
  private void interrupt() {
    interrupted = true;
    stop.stop(StopReason.REQUESTED, null);
  }

  private void restoreInterrupt() {
    if (interrupted) {
      interrupted = false;
      Thread.currentThread().interrupt();
    }
  }
}
