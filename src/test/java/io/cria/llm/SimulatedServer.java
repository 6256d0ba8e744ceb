package io.cria.llm;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A model server in virtual time: latencies are lognormal; limits are buckets of one second's
 * credit; counts what arrives and what is accepted.
 */
final class SimulatedServer implements Exchange {
  /** How it tells of its limits. */
  enum Tells {
    NOTHING,
    /** Limits in the headers of every answer, as OpenAI's. */
    OPENAI,
    /** The same as Anthropic's. */
    ANTHROPIC,
    /** With a refusal only, after how many whole seconds to come again. */
    RETRY_AFTER
  }

  /** What befalls a request in place of an answer. */
  enum Fault {
    NONE,
    UNAVAILABLE,
    REFUSED_CONNECTION,
    RESET,
    TOO_MANY,
    SLOW_DOWN
  }

  private static final double MINUTE = 60;
  private static final double REFUSAL_SECONDS = 0.02;
  private static final double SIGMA = 0.8;

  private final VirtualTime time;
  private final SplittableRandom random;
  private double latency = 0.3;
  private double sigma = SIGMA;
  private DoubleUnaryOperator requestsPerMinute = now -> Double.POSITIVE_INFINITY;
  private double tokensPerMinute = Double.POSITIVE_INFINITY;
  private boolean countsTokensAtOnce;
  private boolean countsRefused;
  private Fault refusal = Fault.TOO_MANY;
  private int mostInFlight = Integer.MAX_VALUE;
  private int promptTokens = 100;
  private int fewestTokens = 100;
  private int mostTokens = 100;
  private Tells tells = Tells.NOTHING;
  private DoubleFunction<Fault> faults = now -> Fault.NONE;

  private double requests = Double.NaN;
  private double requestsAt;
  private double tokens = Double.NaN;
  private double tokensAt;
  private int inFlight;

  /** When requests arrived, were accepted, were refused by a limit; in seconds. */
  final List<Double> arrivals = new ArrayList<>();

  final List<Double> accepted = new ArrayList<>();
  final List<Double> refused = new ArrayList<>();

  /** When whole answers were given. */
  final List<Double> answered = new ArrayList<>();

  /** Tokens that those accepted have taken. */
  long tokensTaken;

  SimulatedServer(VirtualTime time, long seed) {
    this.time = time;
    this.random = new SplittableRandom(seed);
  }

  SimulatedServer latency(double meanSeconds) {
    latency = meanSeconds;
    return this;
  }

  SimulatedServer latency(double meanSeconds, double logDeviation) {
    sigma = logDeviation;
    return latency(meanSeconds);
  }

  SimulatedServer requestsPerMinute(double value) {
    return requestsPerMinute(now -> value);
  }

  /** By the second. */
  SimulatedServer requestsPerMinute(DoubleUnaryOperator value) {
    requestsPerMinute = value;
    return this;
  }

  /**
   * Tokens of prompt and answer by the minute.
   *
   * @param atOnce whether they count when a request is let in, else when it is answered
   */
  SimulatedServer tokensPerMinute(double value, boolean atOnce) {
    tokensPerMinute = value;
    countsTokensAtOnce = atOnce;
    return this;
  }

  SimulatedServer answerTokens(int fewest, int most) {
    fewestTokens = fewest;
    mostTokens = most;
    return this;
  }

  SimulatedServer tells(Tells value) {
    tells = value;
    return this;
  }

  /** Refused requests take from the limit too. */
  SimulatedServer countsRefused() {
    countsRefused = true;
    return this;
  }

  /** How it refuses what is beyond a limit. */
  SimulatedServer refusesWith(Fault value) {
    refusal = value;
    return this;
  }

  SimulatedServer mostInFlight(int value) {
    mostInFlight = value;
    return this;
  }

  /** By the second of the arrival. */
  SimulatedServer faults(DoubleFunction<Fault> value) {
    faults = value;
    return this;
  }

  /** A fault that befalls such a share of the requests. */
  SimulatedServer faults(Fault fault, double share) {
    return faults(now -> random.nextDouble() < share ? fault : Fault.NONE);
  }

  double requestsPerSecond(double now) {
    return requestsPerMinute.applyAsDouble(now) / MINUTE;
  }

  double tokensPerSecond() {
    return tokensPerMinute / MINUTE;
  }

  @Override
  public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
    Fault fault = faults.apply(time.seconds());
    CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    time.after(REFUSAL_SECONDS, () -> fail(reply, fault, Duration.ZERO));
    return reply;
  }

  @Override
  public CompletableFuture<HttpReply> post(String url, Map<String, String> headers, byte[] body) {
    CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    double now = time.seconds();
    arrivals.add(now);
    Fault fault = faults.apply(now);
    int answer = fewestTokens + random.nextInt(mostTokens - fewestTokens + 1);
    if (fault == Fault.NONE && (inFlight >= mostInFlight || !admits(now, answer))) {
      fault = refusal;
    }
    if (fault == Fault.TOO_MANY || fault == Fault.SLOW_DOWN) {
      refused.add(now);
    }
    if (fault != Fault.NONE) {
      Fault given = fault;
      Duration wait = untilNext(now);
      time.after(REFUSAL_SECONDS, () -> fail(reply, given, wait));
      return reply;
    }
    accepted.add(now);
    inFlight++;
    time.after(seconds(), () -> answer(reply, answer));
    return reply;
  }

  private boolean admits(double now, int answer) {
    double perSecond = requestsPerSecond(now);
    requests = filled(requests, now - requestsAt, perSecond);
    requestsAt = now;
    tokens = filled(tokens, now - tokensAt, tokensPerSecond());
    tokensAt = now;
    boolean isBounded = perSecond < Double.POSITIVE_INFINITY;
    double needed = countsTokensAtOnce ? Math.min(promptTokens + answer, tokensPerSecond()) : 1e-9;
    boolean isAdmitted = (!isBounded || requests >= 1 - 1e-9) && tokens >= needed;
    if (isAdmitted || countsRefused) {
      requests -= 1;
    }
    if (isAdmitted) {
      tokensTaken += promptTokens + answer;
      tokens -= countsTokensAtOnce ? promptTokens + answer : 0;
    }
    return isAdmitted;
  }

  private static double filled(double level, double passed, double perSecond) {
    double credit = Math.max(1, perSecond);
    return Double.isNaN(level) || perSecond == Double.POSITIVE_INFINITY
        ? credit
        : Math.min(credit, level + passed * perSecond);
  }

  private Duration untilNext(double now) {
    double seconds = Math.max((1 - requests) / requestsPerSecond(now), -tokens / tokensPerSecond());
    return Duration.ofNanos((long) (1e9 * Math.max(0, seconds)));
  }

  private double seconds() {
    double normal = 0;
    for (int i = 0; i < 12; i++) {
      normal += random.nextDouble();
    }
    return latency * StrictMath.exp(sigma * (normal - 6) - sigma * sigma / 2);
  }

  private void answer(CompletableFuture<HttpReply> reply, int answer) {
    inFlight--;
    if (!countsTokensAtOnce) {
      tokens -= promptTokens + answer;
    }
    double now = time.seconds();
    if (reply.isDone()) {
      return;
    }
    answered.add(now);
    String body =
        "{\"id\":\"a\",\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"yes\","
            + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":"
            + promptTokens
            + ",\"completion_tokens\":"
            + answer
            + "}}";
    reply.complete(new HttpReply(200, headers(now, null), body));
  }

  private void fail(CompletableFuture<HttpReply> reply, Fault fault, Duration wait) {
    double now = time.seconds();
    switch (fault) {
      case NONE -> reply.complete(new HttpReply(200, Map.of(), "{\"data\":[]}"));
      case UNAVAILABLE -> reply.complete(new HttpReply(503, Map.of(), "loading the model"));
      case REFUSED_CONNECTION ->
          reply.completeExceptionally(
              new TransportException(TransportException.Reached.NOTHING, "connection refused"));
      case RESET ->
          reply.completeExceptionally(
              new TransportException(TransportException.Reached.SERVER, "connection reset"));
      case TOO_MANY ->
          reply.complete(
              new HttpReply(
                  429, headers(now, wait), "{\"error\":{\"code\":\"rate_limit_exceeded\"}}"));
      case SLOW_DOWN ->
          reply.complete(
              new HttpReply(503, headers(now, wait), "{\"error\":{\"code\":\"slow_down\"}}"));
    }
  }

  private Map<String, List<String>> headers(double now, @Nullable Duration refusedFor) {
    Map<String, List<String>> headers = new HashMap<>();
    double perSecond = requestsPerSecond(now);
    if (tells == Tells.OPENAI) {
      put(headers, "x-ratelimit-limit-requests", Math.round(perSecond * MINUTE));
      put(headers, "x-ratelimit-remaining-requests", (long) Math.max(0, requests));
      put(headers, "x-ratelimit-reset-requests", (long) (1e3 / perSecond) + "ms");
    } else if (tells == Tells.ANTHROPIC) {
      put(headers, "anthropic-ratelimit-requests-limit", Math.round(perSecond * MINUTE));
      put(headers, "anthropic-ratelimit-requests-remaining", (long) Math.max(0, requests));
      put(
          headers,
          "anthropic-ratelimit-requests-reset",
          time.now().plusSeconds(1).truncatedTo(ChronoUnit.SECONDS));
    }
    if (refusedFor != null && (tells == Tells.RETRY_AFTER || tells == Tells.ANTHROPIC)) {
      put(headers, "retry-after", Math.max(1, refusedFor.plusNanos(999_999_999).toSeconds()));
    }
    return headers;
  }

  private static void put(Map<String, List<String>> headers, String name, Object value) {
    headers.put(name, List.of(String.valueOf(value)));
  }
}
