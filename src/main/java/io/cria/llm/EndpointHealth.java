package io.cria.llm;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process knows of an endpoint, whatever clients ask there, at once or in turn: how many
 * requests may be in flight, until when it wants a pause, whether it is down, whether its answers
 * are of use. Thread-safe.
 */
public final class EndpointHealth {
  private static final Map<String, EndpointHealth> SHARED = new ConcurrentHashMap<>();

  private final Window window;
  private final PauseGate pauses = new PauseGate();
  private final Breaker breaker;
  private final Map<String, Usefulness> usefulness = new ConcurrentHashMap<>();
  private volatile boolean answered;
  private volatile boolean answeredProperly;
  private volatile @Nullable String lastWords;

  private EndpointHealth(Window window, Schedule schedule, DoubleSupplier jitter) {
    this.window = window;
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
