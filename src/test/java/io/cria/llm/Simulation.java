package io.cria.llm;

import io.cria.llm.limit.RateBook;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One scenario: executors that ask a server under a book of limits, from the first request to the
 * last.
 */
final class Simulation {
  private static final double BIN = 0.1;
  private static final int SECOND = 10;

  /** Executors do not begin at the same moment. */
  private static final double APART = 0.07;

  private static final double ENOUGH = 0.9;
  private static final double LONGEST = 3_600;

  final VirtualTime time = new VirtualTime();
  final RateBook book = new RateBook();
  final SimulatedServer server;
  final List<SimulatedExecutor> executors = new ArrayList<>();
  private final String name;
  private final double delay;
  private final int window;
  private final int maxTokens;
  private boolean hasBegun;
  private double ideal = Double.NaN;
  private double eventAt = Double.NaN;
  private double eventEnds = Double.NaN;

  /**
   * What came of it.
   *
   * @param name the scenario's
   * @param share accepted requests (or tokens) to those that the limit allows from the first to the
   *     last; of a server without a limit, to what an ideal client has answered
   * @param refused share of the arrived requests
   * @param attempts that arrived during the event; -1 without an outage
   * @param recovery seconds from the event's end (after an outage: from the first answer after it)
   *     to a second at 90 % of the rate; NaN without an event
   * @param excess of any second's arrivals over the limit, as a share of it; NaN without a limit
   * @param seconds it took, to the last answer
   * @param failed requests that came to nothing
   */
  record Row(
      String name,
      double share,
      double refused,
      int attempts,
      double recovery,
      double excess,
      double seconds,
      long failed) {}

  private Simulation(
      String name, double delay, int window, int maxTokens, Consumer<SimulatedServer> script) {
    this.name = name;
    this.delay = delay;
    this.window = window;
    this.maxTokens = maxTokens;
    this.server = new SimulatedServer(time, name.hashCode());
    script.accept(server);
  }

  /** One executor in the driver's process. */
  static Simulation local(String name, int window, int requests, Consumer<SimulatedServer> script) {
    return new Simulation(name, 0.002, window, 100, script).asking(requests);
  }

  /** Executors with so many requests each, on other hosts. */
  static Simulation cluster(
      String name, int window, Consumer<SimulatedServer> script, int... requests) {
    return new Simulation(name, 0.015, window, 100, script).asking(requests);
  }

  /** One executor whose requests allow answers of so many tokens. */
  static Simulation tokens(
      String name, int window, int requests, int maxTokens, Consumer<SimulatedServer> script) {
    return new Simulation(name, 0.002, window, maxTokens, script).asking(requests);
  }

  private Simulation asking(int... requests) {
    for (int each : requests) {
      String executor = "executor-" + executors.size();
      executors.add(
          new SimulatedExecutor(
              time,
              book,
              server,
              executor,
              delay,
              window,
              each,
              maxTokens,
              (name + executor).hashCode()));
    }
    return this;
  }

  /** What the user says of the limits. */
  Simulation configured(double requestsPerMinute, double tokensPerMinute) {
    book.configure(requestsPerMinute / 60, tokensPerMinute / 60);
    return this;
  }

  /** Answers a second of an ideal client, for a server without a limit. */
  Simulation ideal(double perSecond) {
    ideal = perSecond;
    return this;
  }

  /** From when to when something happens, for the columns that tell of it. */
  Simulation event(double from, double to) {
    eventAt = from;
    eventEnds = to;
    return this;
  }

  /** Does something at a time. */
  Simulation at(double seconds, Consumer<Simulation> action) {
    time.after(seconds, () -> action.accept(this));
    return this;
  }

  /** Runs it to the last answer. */
  Row run() {
    for (SimulatedExecutor each : executors) {
      time.after(executors.indexOf(each) * APART, each::hello);
    }
    time.run(this::isOver);
    double first = server.arrivals.get(0);
    double last = server.accepted.get(server.accepted.size() - 1);
    long failed =
        executors.stream()
            .flatMap(executor -> executor.outcomes().entrySet().stream())
            .filter(each -> each.getKey() != Outcome.OK)
            .mapToLong(java.util.Map.Entry::getValue)
            .sum();
    return new Row(
        name,
        share(first, last),
        (double) server.refused.size() / server.arrivals.size(),
        Double.isNaN(eventAt) || eventAt == eventEnds
            ? -1
            : count(server.arrivals, eventAt, eventEnds),
        recovery(),
        excess(),
        time.seconds(),
        failed);
  }

  private boolean isOver() {
    if (!hasBegun && executors.stream().allMatch(SimulatedExecutor::isHeard)) {
      hasBegun = true;
      executors.forEach(SimulatedExecutor::begin);
    }
    executors.forEach(SimulatedExecutor::pump);
    if (time.seconds() > LONGEST) {
      throw new AssertionError(name + " has not ended within an hour: " + state());
    }
    return executors.stream().allMatch(SimulatedExecutor::isThrough);
  }

  private String state() {
    return server.arrivals.size()
        + " arrived, "
        + server.refused.size()
        + " refused, "
        + book.requestsPerSecond(time.seconds())
        + " requests a second";
  }

  private double share(double first, double last) {
    if (!Double.isNaN(ideal)) {
      return rate(server.answered, first + 2, last) / ideal;
    }
    if (server.tokensPerSecond() < Double.POSITIVE_INFINITY) {
      return server.tokensTaken / (server.tokensPerSecond() * (last - first));
    }
    return server.accepted.size() / allowed(first, last);
  }

  private static double rate(List<Double> times, double from, double to) {
    return count(times, from, to) / (to - from);
  }

  private static int count(List<Double> times, double from, double to) {
    return (int) times.stream().filter(at -> at >= from && at < to).count();
  }

  private double allowed(double from, double to) {
    double sum = 0;
    for (double at = from; at < to; at += BIN) {
      sum += server.requestsPerSecond(at) * Math.min(BIN, to - at);
    }
    return sum;
  }

  private double recovery() {
    if (Double.isNaN(eventAt)) {
      return Double.NaN;
    }
    boolean isOutage = eventEnds > eventAt;
    double from =
        isOutage
            ? server.accepted.stream().filter(at -> at >= eventEnds).findFirst().orElse(eventEnds)
            : eventAt;
    double before = rate(server.accepted, eventAt - 5, eventAt);
    double limit = server.requestsPerSecond(from);
    double wanted = ENOUGH * (limit < Double.POSITIVE_INFINITY && !isOutage ? limit : before);
    int[] bins = bins(server.accepted);
    for (int i = (int) Math.ceil(from / BIN); i + SECOND <= bins.length; i++) {
      if (second(bins, i) >= wanted) {
        return Math.max(0, i * BIN - from);
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  private double excess() {
    int[] bins = bins(server.arrivals);
    double most = Double.NaN;
    for (int i = 0; i + SECOND <= bins.length; i++) {
      double limit = allowed(i * BIN, i * BIN + 1);
      if (limit < Double.POSITIVE_INFINITY) {
        most = Math.max(Double.isNaN(most) ? -1 : most, second(bins, i) / Math.max(1, limit) - 1);
      }
    }
    return most;
  }

  private static int second(int[] bins, int from) {
    int sum = 0;
    for (int i = from; i < from + SECOND; i++) {
      sum += bins[i];
    }
    return sum;
  }

  private static int[] bins(List<Double> times) {
    int[] bins = new int[times.isEmpty() ? 0 : (int) (times.get(times.size() - 1) / BIN) + 1];
    for (double at : times) {
      bins[(int) (at / BIN)]++;
    }
    return bins;
  }
}
