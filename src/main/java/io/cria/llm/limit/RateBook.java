package io.cria.llm.limit;

import java.util.HashMap;
import java.util.Map;

/**
 * An endpoint's limits, leased to all who ask there: what was configured, what the endpoint tells
 * and what its refusals teach. The rates that are out never exceed the limit: whoever asks for more
 * has it when others have given it back by renewing theirs, or when a lease has ended that nobody
 * renewed. Renewed some times a second; thread-safe.
 */
public final class RateBook {
  /** How long a lease holds that is not renewed. */
  public static final double SECONDS = 3;

  /** The share of a limit that is used: clocks differ, and the network bunches. */
  private static final double SAFE_SHARE = 0.99;

  private final Map<String, Holder> holders = new HashMap<>();
  private final RateLearner learner = new RateLearner();
  private double configuredRequests = Double.POSITIVE_INFINITY;
  private double configuredTokens = Double.POSITIVE_INFINITY;
  private double toldRequests = Double.POSITIVE_INFINITY;
  private double toldTokens = Double.POSITIVE_INFINITY;
  private double pausedUntil = Double.NEGATIVE_INFINITY;

  private static final class Holder {
    double told;
    double until;
    double requests;
    double tokens;
    Observed last = new Observed(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * What the user says of the endpoint.
   *
   * @param requests a second; infinite where nothing is said
   * @param tokens likewise
   */
  public synchronized void configure(double requests, double tokens) {
    configuredRequests = requests;
    configuredTokens = tokens;
  }

  /**
   * Renews a lease, or gives out the first.
   *
   * @param holder whose
   * @param observed by the holder
   * @param now in seconds of any clock
   */
  public synchronized Lease renew(String holder, Observed observed, double now) {
    holders.values().removeIf(each -> each.until < now);
    boolean isNew = !holders.containsKey(holder);
    Holder mine = holders.computeIfAbsent(holder, name -> new Holder());
    if (isNew) {
      mine.told = now;
      // what one whose lease had ended saw meanwhile is not known to have been seen lately
      mine.last = observed;
    }
    double since = mine.told;
    learn(observed, mine.last, since, now);
    mine.last = observed;
    mine.told = now;
    mine.until = now + SECONDS;
    if (isNew) {
      learner.start(now, wanted(h -> h.last.startsWith()));
    }
    mine.requests =
        share(requestsPerSecond(now), mine, h -> h.requests, h -> h.last.wantsRequests());
    mine.tokens = share(tokensPerSecond(), mine, h -> h.tokens, h -> h.last.wantsTokens());
    return new Lease(mine.requests, mine.tokens, SECONDS, Math.max(0, pausedUntil - now));
  }

  /** A holder that sends nothing more. */
  public synchronized void release(String holder) {
    holders.remove(holder);
  }

  /** Requests a second that all together may send; infinite where nothing is known. */
  public synchronized double requestsPerSecond(double now) {
    return Math.min(SAFE_SHARE * Math.min(configuredRequests, toldRequests), learner.rate(now));
  }

  /** Tokens a second, likewise. */
  public synchronized double tokensPerSecond() {
    return SAFE_SHARE * Math.min(configuredTokens, toldTokens);
  }

  private void learn(Observed told, Observed before, double since, double now) {
    if (told.toldRequests() < Double.POSITIVE_INFINITY) {
      toldRequests = told.toldRequests();
    }
    if (told.toldTokens() < Double.POSITIVE_INFINITY) {
      toldTokens = told.toldTokens();
    }
    if (told.pauseSeconds() > 0) {
      pausedUntil = Math.max(pausedUntil, now + told.pauseSeconds());
    }
    learner.saw(
        now,
        since,
        told.sent() - before.sent(),
        told.accepted() - before.accepted(),
        told.refused() - before.refused(),
        told.slowDowns() - before.slowDowns());
  }

  /** A figure of a holder. */
  private interface Figure {
    double of(Holder holder);
  }

  private double wanted(Figure figure) {
    return holders.values().stream().mapToDouble(figure::of).sum();
  }

  /** As large as fairness wants it, and no larger than what the others leave. */
  private double share(double total, Holder mine, Figure leased, Figure wants) {
    if (total == Double.POSITIVE_INFINITY) {
      return total;
    }
    Holder[] all = holders.values().toArray(new Holder[0]);
    double[] wanted = new double[all.length];
    double fair = 0;
    double others = 0;
    for (int i = 0; i < all.length; i++) {
      wanted[i] = Math.max(0, wants.of(all[i]));
      // one that knows of no limit yet learns of it when it renews: waiting for that helps nobody
      double out = leased.of(all[i]);
      others += all[i] == mine || out == Double.POSITIVE_INFINITY ? 0 : out;
    }
    double[] shares = FairShares.of(total, wanted);
    for (int i = 0; i < all.length; i++) {
      fair = all[i] == mine ? shares[i] : fair;
    }
    return Math.max(0, Math.min(fair, total - others));
  }
}
