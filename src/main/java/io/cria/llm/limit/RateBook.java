package io.cria.llm.limit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

  /** The same of tokens: what answers take is known only afterwards. */
  private static final double SAFE_TOKEN_SHARE = 0.965;

  /** A lease of less than this serves nobody: then fewer have one. */
  private static final double LEAST_REQUESTS = 0.5;

  /** How long one that has ended is remembered: its last words may come late. */
  private static final double REMEMBERED = 60;

  /** A limit that is told and differs by this share from the one before is another. */
  private static final double CHANGE = 0.1;

  /** So long a lower limit counts that is told no more. */
  private static final double CONTRADICTED = 5;

  private final Map<String, Holder> holders = new TreeMap<>();
  private final Map<String, Double> ended = new HashMap<>();
  private final RateLearner learner = new RateLearner();
  private double configuredRequests = Double.POSITIVE_INFINITY;
  private double configuredTokens = Double.POSITIVE_INFINITY;
  private double toldRequests = Double.POSITIVE_INFINITY;
  private double toldTokens = Double.POSITIVE_INFINITY;
  private double toldAt;
  private double pausedUntil = Double.NEGATIVE_INFINITY;

  private static final class Holder {
    double told;
    double until;
    double requests;
    double tokens;
    Observed last = Observed.NOTHING;
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
    ended.values().removeIf(at -> at < now - REMEMBERED);
    if (ended.containsKey(holder)) {
      return new Lease(0, 0, SECONDS, 0);
    }
    boolean isFirst = holders.isEmpty();
    boolean isNew = !holders.containsKey(holder);
    Holder mine = holders.computeIfAbsent(holder, name -> new Holder());
    if (isNew) {
      // what one whose lease had ended saw meanwhile is not known to have been seen lately
      mine.told = now;
      mine.last = observed;
    }
    learn(holder, observed, mine, now);
    mine.last = observed;
    mine.told = now;
    mine.until = now + SECONDS;
    if (isNew) {
      double all = holders.values().stream().mapToDouble(each -> each.last.startsWith()).sum();
      learner.start(now, isFirst, all);
    }
    double requests =
        share(
            requestsPerSecond(now),
            LEAST_REQUESTS,
            mine,
            h -> h.requests,
            h -> h.last.wantsRequests());
    double tokens = share(tokensPerSecond(), 0, mine, h -> h.tokens, h -> h.last.wantsTokens());
    mine.requests = out(requests, observed.heldRequests());
    mine.tokens = out(tokens, observed.heldTokens());
    return new Lease(requests, tokens, SECONDS, Math.max(0, pausedUntil - now));
  }

  /** The answer may be lost: until the next word from there, the greater of both may be used. */
  private static double out(double leased, double held) {
    return held < Double.POSITIVE_INFINITY ? Math.max(leased, held) : leased;
  }

  /** A holder that sends nothing more. */
  public synchronized void release(String holder) {
    Holder gone = holders.remove(holder);
    if (gone != null) {
      ended.put(holder, gone.told);
    }
  }

  /** Requests a second that all together may send; infinite where nothing is known. */
  public synchronized double requestsPerSecond(double now) {
    return Math.min(SAFE_SHARE * Math.min(configuredRequests, toldRequests), learner.rate(now));
  }

  /** Tokens a second, likewise. */
  public synchronized double tokensPerSecond() {
    return SAFE_TOKEN_SHARE * Math.min(configuredTokens, toldTokens);
  }

  private void learn(String holder, Observed told, Holder mine, double now) {
    Observed before = mine.last;
    // one that had no answer since would bring back what held before
    boolean isFresh =
        told.accepted() > before.accepted()
            || told.toldRequests() != before.toldRequests()
            || toldRequests == Double.POSITIVE_INFINITY;
    if (isFresh && told.toldRequests() < Double.POSITIVE_INFINITY) {
      tellRequests(told.toldRequests(), now);
    }
    if (isNews(told.toldTokens(), before.toldTokens(), toldTokens)) {
      toldTokens = told.toldTokens();
    }
    if (told.pauseSeconds() > 0) {
      pausedUntil = Math.max(pausedUntil, now + told.pauseSeconds());
      learner.pause(pausedUntil);
    }
    learner.saw(
        holder,
        now,
        mine.told,
        told.sent() - before.sent(),
        told.refused() - before.refused(),
        told.slowDowns() > before.slowDowns(),
        isKnown());
  }

  /**
   * A lower limit counts at once, a higher one when nobody has told the lower for a while: several
   * servers behind one address may have limits of their own.
   */
  private void tellRequests(double told, double now) {
    boolean isAnother = Math.abs(told / toldRequests - 1) > CHANGE;
    if (!isAnother || told < toldRequests) {
      toldAt = now;
    }
    if (told < toldRequests || !isAnother || now - toldAt > CONTRADICTED) {
      // one that is worked out anew of every answer changes a little all the time
      if (isAnother) {
        learner.forget(now);
      }
      toldRequests = told;
    }
  }

  private boolean isKnown() {
    return Math.min(configuredRequests, toldRequests) < Double.POSITIVE_INFINITY
        || tokensPerSecond() < Double.POSITIVE_INFINITY;
  }

  private static boolean isNews(double told, double before, double known) {
    return told < Double.POSITIVE_INFINITY
        && told != known
        && (told != before || known == Double.POSITIVE_INFINITY);
  }

  /** A figure of a holder. */
  private interface Figure {
    double of(Holder holder);
  }

  /** As large as fairness wants it, and no larger than what the others leave. */
  private double share(double total, double least, Holder mine, Figure leased, Figure wants) {
    if (total == Double.POSITIVE_INFINITY) {
      return total;
    }
    double others = 0;
    List<Holder> having = new ArrayList<>();
    for (Holder each : holders.values()) {
      // one that knows of no limit yet learns of it when it renews: waiting for that helps nobody
      double out = leased.of(each);
      others += each == mine || out == Double.POSITIVE_INFINITY ? 0 : out;
      having.add(each);
    }
    // few that send in turn keep to a low limit, many that happen to send at once do not
    having.sort(Comparator.comparing(each -> wants.of(each) <= 0));
    int most =
        (int) Math.max(1, Math.min(having.size(), least > 0 ? total / least : having.size()));
    int place = having.indexOf(mine);
    if (place >= most) {
      return 0;
    }
    double[] wanted = having.stream().limit(most).mapToDouble(wants::of).toArray();
    return Math.max(0, Math.min(FairShares.of(total, wanted)[place], total - others));
  }
}
