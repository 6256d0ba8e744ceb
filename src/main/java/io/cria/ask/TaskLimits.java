package io.cria.ask;

import io.cria.llm.Allowance;
import io.cria.llm.EndpointHealth;
import io.cria.llm.Pacer;
import io.cria.llm.limit.Claim;
import io.cria.llm.limit.Lease;
import io.cria.llm.limit.Observed;
import io.cria.task.Amount;
import java.util.HashMap;
import java.util.Map;

/**
 * A task's share of the limits and caps: what it says of them at every beat, and what it is leased.
 */
final class TaskLimits {
  private static final double NANOS = 1e9;

  private final EndpointHealth health;
  private final Pacer pacer;
  private final Allowance allowance = Allowance.granted();
  private long sent;
  private long ended;
  private long refused;
  private long tokens;
  private long nanoUsd;

  /**
   * @param capped whether the run has caps; without one nothing has to be granted
   */
  TaskLimits(EndpointHealth health, boolean capped) {
    this.health = health;
    this.pacer = health.pacer();
    if (!capped) {
      allowance.grant(Amount.UNBOUNDED, false);
    }
  }

  Pacer pacer() {
    return pacer;
  }

  Allowance allowance() {
    return allowance;
  }

  /**
   * Runs when something should be said before the next beat.
   *
   * @param action must not block
   */
  void whenUrgent(Runnable action) {
    pacer.whenUrgent(action);
    allowance.whenUrgent(action);
  }

  /** What is said; the process's metrics tell it too. */
  synchronized Map<String, Object> said() {
    pacer.window(health.windowSize());
    Observed observed = pacer.observed();
    Claim claim = allowance.claim();
    count(observed, claim.taken());
    Map<String, Object> said = new HashMap<>();
    said.put(Inquiry.OBSERVED, observed.toDoubles());
    said.put(Inquiry.CLAIM, claim.toLongs());
    said.put(Inquiry.IN_FLIGHT, health.onTheirWay());
    said.put(Inquiry.WINDOW, health.windowSize());
    return said;
  }

  /**
   * Takes in what the driver answers.
   *
   * @param askedNanosAgo when it was asked
   */
  void take(Map<?, ?> answer, long askedNanosAgo) {
    if (answer.get(Inquiry.LEASED) instanceof double[] lease) {
      pacer.lease(Lease.of(lease), askedNanosAgo);
    }
    if (answer.get(Inquiry.GRANTED) instanceof long[] granted) {
      allowance.grant(Amount.of(granted), Boolean.TRUE.equals(answer.get(Inquiry.SCARCE)));
    }
    if (Inquiry.CAP.equals(answer.get(Inquiry.STOP))) {
      allowance.reach();
    }
  }

  private void count(Observed observed, Amount taken) {
    AskMetrics.EXECUTOR.update(
        observed.sent() - sent,
        taken.requests() - ended,
        observed.refused() - refused,
        taken.tokens() - tokens,
        (taken.nanoUsd() - nanoUsd) / NANOS);
    sent = observed.sent();
    ended = taken.requests();
    refused = observed.refused();
    tokens = taken.tokens();
    nanoUsd = taken.nanoUsd();
  }
}
