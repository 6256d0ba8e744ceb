package io.cria.llm;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tells the endpoint's health what became of each attempt, and asks the server itself where that
 * leaves it in doubt. Stops the job when nothing listens at the endpoint: some request has tried
 * {@value #TRIES} times (or as often as it may) without a connection and nobody was ever answered
 * there; or when it answers with a page and never did otherwise.
 */
final class HealthStep implements Step {
  static final int TRIES = 4;

  private final Step inner;
  private final EndpointHealth health;
  private final StopSwitch stop;
  private final Supplier<CompletableFuture<Boolean>> serverIsUp;
  private final boolean answeredBefore;
  private final RetryRules rules;
  private final Schedule schedule;

  /**
   * @param serverIsUp asks the server
   * @param answeredBefore whether the run had an answer before this client
   * @param rules how many attempts and how much time a request may use
   */
  HealthStep(
      Step inner,
      EndpointHealth health,
      StopSwitch stop,
      Supplier<CompletableFuture<Boolean>> serverIsUp,
      boolean answeredBefore,
      RetryRules rules,
      Schedule schedule) {
    this.inner = inner;
    this.health = health;
    this.stop = stop;
    this.serverIsUp = serverIsUp;
    this.answeredBefore = answeredBefore;
    this.rules = rules;
    this.schedule = schedule;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner.send(call).thenCompose(answered -> judge(call.history(), answered));
  }

  private CompletableFuture<Attempted> judge(Call.History history, Attempted answered) {
    history.streak = Call.History.NO_STREAK;
    history.spared = false;
    LedgerRecord record = answered.record();
    if (record.httpStatus() != null) {
      health.sawAnswer();
    }
    if (answered.sign() == Sign.PAGE && health.hasAnsweredProperly()) {
      Attempted passing =
          answered.with(record.withOutcome(Outcome.RETRY_TRANSIENT, record.error()));
      return failed(history, passing);
    }
    if (answered.sign() == Sign.FAILURE || answered.sign() == Sign.UNREACHABLE) {
      return failed(history, answered);
    }
    health.breaker().succeeded(record.sentAt());
    if (record.outcome() != Outcome.STOP_JOB) {
      health.sawProperAnswer();
    }
    return CompletableFuture.completedFuture(answered);
  }

  private CompletableFuture<Attempted> failed(Call.History history, Attempted answered) {
    LedgerRecord record = answered.record();
    if (stop.isStopped()) {
      // What a stop cancels says nothing of the server.
      return CompletableFuture.completedFuture(answered);
    }
    String words = Objects.requireNonNullElse(record.error(), "no message");
    health.sawFailure(words);
    if (answered.sign() == Sign.UNREACHABLE && !answeredBefore && !health.hasAnswered()) {
      if (++history.unreachable >= Math.min(TRIES, rules.attempts())) {
        return CompletableFuture.completedFuture(
            answered.with(
                record.withOutcome(Outcome.STOP_JOB, "nothing answers there (" + words + ")")));
      }
      if (health.breaker().downSince() == null) {
        return CompletableFuture.completedFuture(answered);
      }
    }
    Breaker.Failure failure = health.breaker().failed(history);
    history.streak = failure.streak();
    boolean last = history.mayBeLast(schedule.now(), rules, health.breaker());
    boolean inDoubt = failure.doubtful() || last;
    if (!inDoubt || health.breaker().forgives(failure.streak())) {
      return CompletableFuture.completedFuture(answered);
    }
    return serverIsUp
        .get()
        .thenApply(
            up -> {
              if (!up) {
                // No request is given up for what a server does that is not up.
                history.spared = true;
                health.breaker().blameServer();
                if (failure.doubtful()) {
                  health.breaker().begin(failure.streak());
                }
              }
              return answered;
            });
  }
}
