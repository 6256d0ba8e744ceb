package io.cria.llm;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process knows of an endpoint, whatever clients ask there, at once or in turn: how many
 * requests may be in flight, until when it wants a pause, whether it is down, whether its answers
 * are of use. Thread-safe.
 */
public final class EndpointHealth {
  private static final double ERRORS_AVERAGED = 64;
  private static final double MANY_ERRORS = 0.25;
  private static final Map<String, EndpointHealth> SHARED = new ConcurrentHashMap<>();

  private final Window window;
  private final PauseGate pauses = new PauseGate();
  private final Breaker breaker;
  private final Map<String, Usefulness> usefulness = new ConcurrentHashMap<>();
  private final Map<String, TokenEstimate> estimates = new ConcurrentHashMap<>();
  private final AtomicInteger onTheirWay = new AtomicInteger();
  private final Schedule schedule;
  private double errors;
  private @Nullable Instant cutInOutage;
  private volatile boolean answered;
  private volatile boolean answeredProperly;
  private volatile @Nullable String lastWords;

  private EndpointHealth(Window window, Schedule schedule, DoubleSupplier jitter) {
    this.window = window;
    this.schedule = schedule;
    this.breaker = new Breaker(schedule, jitter, pauses);
  }

  /**
   * The one of this process for an endpoint; lives as long as the process.
   *
   * @param baseUrl the endpoint's address
   * @param inFlight most requests in flight from now on, at least 1
   */
  public static EndpointHealth shared(String baseUrl, int inFlight) {
    EndpointHealth health =
        SHARED.computeIfAbsent(
            baseUrl.replaceAll("/+$", ""),
            url -> of(inFlight, Schedule.system(), () -> ThreadLocalRandom.current().nextDouble()));
    health.window.resize(inFlight);
    return health;
  }

  /** One that nobody else has. */
  public static EndpointHealth of(int inFlight) {
    return of(inFlight, Schedule.system(), () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * @param jitter uniform in [0, 1), thread-safe
   */
  static EndpointHealth of(int inFlight, Schedule schedule, DoubleSupplier jitter) {
    return new EndpointHealth(Window.of(inFlight), schedule, jitter);
  }

  /** Since when the endpoint is down; empty while it is not. */
  public Optional<Instant> downSince() {
    return Optional.ofNullable(breaker.downSince());
  }

  /** Why the latest attempt failed that did, in one line; empty where none has. */
  public Optional<String> lastWords() {
    return Optional.ofNullable(lastWords);
  }

  /** Requests that are sent and not answered. */
  public int onTheirWay() {
    return onTheirWay.get();
  }

  /** How many may be, at the moment. */
  public int windowSize() {
    return window.size();
  }

  /** Lets requests out as leases allow; for one client, or for the clients of one task. */
  public Pacer pacer() {
    return Pacer.free(schedule, pauses);
  }

  void sent() {
    onTheirWay.incrementAndGet();
  }

  void back() {
    onTheirWay.decrementAndGet();
  }

  /** What a request of a stage is expected to take. */
  TokenEstimate estimate(String stage) {
    return estimates.computeIfAbsent(stage, any -> new TokenEstimate());
  }

  /**
   * Makes the window smaller for a server that has too much to do, once where that makes an outage,
   * or on which much fails that is not down altogether; larger for one that answers.
   */
  void judgeLoad(boolean overload, boolean failure) {
    boolean many;
    boolean isNew;
    Instant down = breaker.downSince();
    synchronized (this) {
      isNew = overload && !Objects.equals(down, cutInOutage);
      cutInOutage = isNew ? down : cutInOutage;
      errors += ((overload || failure ? 1 : 0) - errors) / ERRORS_AVERAGED;
      many = errors > MANY_ERRORS;
    }
    if (!overload && !failure) {
      window.succeeded();
    } else if (down == null ? overload || many : isNew) {
      Instant now = schedule.now();
      window.overloaded(now.getEpochSecond() * 1_000_000_000L + now.getNano());
    }
  }

  Window window() {
    return window;
  }

  PauseGate pauses() {
    return pauses;
  }

  Breaker breaker() {
    return breaker;
  }

  /** Counts the answers that end the requests of a stage. */
  Usefulness usefulness(String stage) {
    return usefulness.computeIfAbsent(stage, any -> new Usefulness());
  }

  /** Whether any HTTP answer came, a failure too. */
  boolean hasAnswered() {
    return answered;
  }

  /** Whether the model server itself has answered, be it with a refusal. */
  boolean hasAnsweredProperly() {
    return answeredProperly;
  }

  void sawAnswer() {
    answered = true;
  }

  void sawProperAnswer() {
    answeredProperly = true;
  }

  void sawFailure(String words) {
    lastWords = words;
  }
}
