package io.cria.llm;

import io.cria.llm.limit.Lease;

/**
 * What of a lease may be used at a moment: requests and tokens flow in at its rates, and little is
 * kept of what is not used. Not thread-safe.
 */
final class LeaseLevel {
  private static final double KEPT_SECONDS = 0.1;
  private static final double KEPT_TOKEN_SECONDS = 0.5;

  /**
   * What comes back is let out again little by little, at most so much faster than the rate: the
   * server may know nothing of it, since what it allows and is not used does not last.
   */
  private static final double RETURNED_SHARE = 0.03;

  private static final double ROUNDING = 1e-9;
  private static final double SLOWEST = 1e-6;

  private Lease lease;
  private double ends;
  private double requests = 1;
  private double tokens;
  private double returned;
  private double filledAt;

  LeaseLevel(Lease lease) {
    this.lease = lease;
    this.ends = lease.seconds();
  }

  Lease lease() {
    return lease;
  }

  /** Whether nothing may be sent any more; one that bounds nothing does not end. */
  boolean hasEnded(double now) {
    return lease.isBounded() && now > ends;
  }

  /** Goes on under another lease, which holds until {@code until}. */
  void renew(Lease renewed, double now, double until) {
    fill(now);
    lease = renewed;
    ends = until;
    requests = Math.min(requests, kept(lease.requestsPerSecond(), KEPT_SECONDS));
    tokens = Math.min(tokens, mostTokens());
  }

  private static double kept(double rate, double seconds) {
    return rate == Double.POSITIVE_INFINITY || rate == 0 ? rate : Math.max(1, rate * seconds);
  }

  private double mostTokens() {
    return kept(lease.tokensPerSecond(), KEPT_TOKEN_SECONDS);
  }

  private boolean boundsRequests() {
    return lease.requestsPerSecond() < Double.POSITIVE_INFINITY;
  }

  private boolean boundsTokens() {
    return lease.tokensPerSecond() < Double.POSITIVE_INFINITY;
  }

  /** Lets flow in what is due by now. */
  void fill(double now) {
    double passed = Math.max(0, Math.min(now, ends) - filledAt);
    filledAt = now;
    // of what is not bounded there is one: no arithmetic with infinite rates
    requests =
        boundsRequests()
            ? Math.min(
                requests + lease.requestsPerSecond() * passed,
                kept(lease.requestsPerSecond(), KEPT_SECONDS))
            : 1;
    double inflow = boundsTokens() ? lease.tokensPerSecond() * passed : 0;
    double back = Math.min(returned, RETURNED_SHARE * inflow);
    returned = boundsTokens() ? returned - back : 0;
    tokens = boundsTokens() ? Math.min(tokens + inflow + back, mostTokens()) : 1;
  }

  /** Takes a request of so many tokens, if there is enough; one that is larger makes debts. */
  boolean take(double expected) {
    double needed = boundsTokens() ? Math.min(expected, mostTokens()) : 0;
    if (requests < 1 - ROUNDING || (needed > 0 && tokens < needed - ROUNDING)) {
      return false;
    }
    requests -= boundsRequests() ? 1 : 0;
    tokens -= needed > 0 ? expected : 0;
    return true;
  }

  /** Gives back what was taken of a request that was not sent. */
  void giveBack(double expected) {
    requests += 1;
    tokens += expected;
  }

  /** A request took other tokens than was expected: whether that changes anything. */
  boolean settle(double expected, double taken, double now) {
    if (!boundsTokens() || expected == taken) {
      return false;
    }
    fill(now);
    double back = returned + expected - taken;
    returned = Math.max(0, Math.min(back, mostTokens()));
    tokens += Math.min(0, back);
    return true;
  }

  /** Seconds until there is enough for a request of so many tokens. */
  double untilEnough(double expected) {
    double wait = 0;
    if (boundsRequests()) {
      wait = (1 - requests) / Math.max(lease.requestsPerSecond(), SLOWEST);
    }
    if (boundsTokens()) {
      double rate = lease.tokensPerSecond() * (returned > 0 ? 1 + RETURNED_SHARE : 1);
      double missing = Math.min(expected, mostTokens()) - tokens;
      wait = Math.max(wait, missing / Math.max(rate, SLOWEST));
    }
    return Math.max(wait, 0);
  }
}
