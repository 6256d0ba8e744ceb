package io.cria.llm;

import io.cria.llm.limit.Lease;
import io.cria.llm.limit.RateBook;
import io.cria.task.Decoding;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A process that asks, in virtual time: the client as it is, with a ledger that takes two
 * milliseconds, and a line to the book of limits like the one that tasks have to their driver.
 */
final class SimulatedExecutor {
  private static final double BEAT = 0.5;
  private static final double BEGIN = 0.05;
  private static final double DURABLE = 0.002;
  private static final double LOST = 2;
  private static final String PROMPT = "p".repeat(333);

  private final VirtualTime time;
  private final RateBook book;
  private final String name;
  private final double delay;
  private final EndpointHealth health;
  private final Pacer pacer;
  private final DispatchingClient.LastRecords asking;
  private final Map<Outcome, Integer> outcomes = new HashMap<>();
  private boolean isHeard;
  private boolean hasBegun;
  private boolean isCut;
  private boolean isDead;
  private boolean isOver;
  private boolean isSpeaking;
  private boolean hurries;
  private Schedule.@Nullable Alarm beat;

  /**
   * @param delay of the line, there and back
   * @param maxTokens as the requests say
   */
  SimulatedExecutor(
      VirtualTime time,
      RateBook book,
      SimulatedServer server,
      String name,
      double delay,
      int window,
      int requests,
      int maxTokens,
      long seed) {
    this.time = time;
    this.book = book;
    this.name = name;
    this.delay = delay;
    SplittableRandom random = new SplittableRandom(seed);
    DoubleSupplier jitter = random::nextDouble;
    health = EndpointHealth.of(window, time, jitter);
    pacer = health.pacer();
    Endpoint endpoint =
        new Endpoint("http://simulated/v1", Dialect.COMPLETIONS, Capabilities.llamaCpp());
    UnaryOperator<Step> ledger = inner -> call -> kept(inner, call);
    asking =
        ClientStack.of(endpoint, ledger)
            .transport(new Living(server))
            .health(health)
            .pacer(pacer)
            .schedule(time)
            .jitter(jitter)
            .warnings(line -> {})
            .dispatching()
            .asked(requests(name, requests, maxTokens));
    pacer.whenUrgent(this::hurry);
  }

  /** A dead process sends nothing. */
  private final class Living implements Exchange {
    private final Exchange inner;

    Living(Exchange inner) {
      this.inner = inner;
    }

    @Override
    public CompletableFuture<HttpReply> post(String url, Map<String, String> headers, byte[] body) {
      return isDead ? new CompletableFuture<>() : inner.post(url, headers, body);
    }

    @Override
    public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
      return isDead ? new CompletableFuture<>() : inner.get(url, headers);
    }
  }

  private CompletableFuture<Step.Attempted> kept(Step inner, Call call) {
    return inner
        .send(call)
        .thenCompose(
            answered -> {
              CompletableFuture<Step.Attempted> durable = new CompletableFuture<>();
              time.after(
                  DURABLE,
                  () -> {
                    if (answered.record().outcome().isTerminal()) {
                      call.history().finished.run();
                    }
                    durable.complete(answered);
                  });
              return durable;
            });
  }

  private static Iterator<LlmRequest> requests(String name, int count, int maxTokens) {
    Decoding decoding =
        new Decoding(maxTokens, null, null, null, null, null, null, List.of(), Map.of(), null);
    return new Iterator<>() {
      private int row;

      @Override
      public boolean hasNext() {
        return row < count;
      }

      @Override
      public LlmRequest next() {
        return new LlmRequest(
            name + row, "generate", 0, row++, 0, "m", PROMPT, List.of(), decoding);
      }
    };
  }

  /** Takes up the line to the book. */
  void hello() {
    speak();
  }

  /** Whether it has a lease. */
  boolean isHeard() {
    return isHeard;
  }

  /** All have a lease: it may ask. */
  void begin() {
    hasBegun = true;
  }

  /** Admits and takes, as the iterating thread would. */
  void pump() {
    if (isThrough() || !hasBegun) {
      return;
    }
    if (!asking.pump(last -> outcomes.merge(last.outcome(), 1, Integer::sum))) {
      isOver = true;
      book.release(name);
    }
  }

  boolean isThrough() {
    return isOver || isDead;
  }

  /** Requests by what they came to. */
  Map<Outcome, Integer> outcomes() {
    return outcomes;
  }

  EndpointHealth health() {
    return health;
  }

  /** It is lost: nothing of it is heard or sent any more. */
  void die() {
    isDead = true;
  }

  /** Whether the book cannot be reached from it. */
  void cut(boolean value) {
    isCut = value;
  }

  private void hurry() {
    if (hurries || isDead) {
      return;
    }
    hurries = true;
    if (!isSpeaking) {
      time.after(0, this::speak);
    }
  }

  private void speak() {
    if (isSpeaking || isThrough()) {
      return;
    }
    hurries = false;
    isSpeaking = true;
    if (beat != null) {
      beat.cancel();
    }
    pacer.window(health.windowSize());
    double asked = time.seconds();
    if (isCut) {
      time.after(LOST, this::silent);
      return;
    }
    var observed = pacer.observed();
    time.after(
        delay / 2,
        () -> {
          Lease lease = isThrough() ? Lease.FREE : book.renew(name, observed, time.seconds());
          time.after(delay / 2, () -> heard(lease, asked));
        });
  }

  private void heard(Lease lease, double asked) {
    isHeard = true;
    if (!isThrough()) {
      pacer.lease(lease, Math.round((time.seconds() - asked) * 1e9));
    }
    silent();
  }

  private void silent() {
    isSpeaking = false;
    if (hurries) {
      speak();
    } else {
      beat = time.after(hasBegun ? BEAT : BEGIN, this::speak);
    }
  }
}
