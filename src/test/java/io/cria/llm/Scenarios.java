package io.cria.llm;

import io.cria.llm.SimulatedServer.Fault;
import io.cria.llm.SimulatedServer.Tells;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What the policy of sending is tried on. Names begin with their kind. */
final class Scenarios {
  private static final double RPM = 3_000;
  private static final int MANY = 9_000;
  private static final int THIRD = MANY / 3;
  private static final double TPM = 2_000_000;
  private static final double FREE = Double.POSITIVE_INFINITY;

  private Scenarios() {}

  static List<Supplier<Simulation>> all() {
    List<Supplier<Simulation>> all = new ArrayList<>();
    configured(all);
    unknown(all);
    wrong(all);
    changed(all);
    tokens(all);
    outages(all);
    others(all);
    return all;
  }

  private static void configured(List<Supplier<Simulation>> all) {
    all.add(
        () ->
            Simulation.local("configured, 1 executor", 256, MANY, s -> s.requestsPerMinute(RPM))
                .configured(RPM, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, 3 executors",
                    128,
                    s -> s.requestsPerMinute(RPM),
                    THIRD,
                    THIRD,
                    THIRD)
                .configured(RPM, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, 3 executors, 8:1:1",
                    128,
                    s -> s.requestsPerMinute(RPM),
                    MANY * 8 / 10,
                    MANY / 10,
                    MANY / 10)
                .configured(RPM, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, refused count",
                    128,
                    s -> s.requestsPerMinute(RPM).countsRefused(),
                    THIRD,
                    THIRD,
                    THIRD)
                .configured(RPM, FREE));
    all.add(
        () ->
            Simulation.local(
                    "configured, 30,000 RPM", 1_000, 30_000, s -> s.requestsPerMinute(10 * RPM))
                .configured(10 * RPM, FREE));
    all.add(
        () ->
            Simulation.local("configured, 20 RPM", 64, 100, s -> s.requestsPerMinute(20))
                .configured(20, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, 20 RPM, 3 executors", 64, s -> s.requestsPerMinute(20), 33, 33, 34)
                .configured(20, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, an executor lost at 60 s",
                    128,
                    s -> s.requestsPerMinute(RPM),
                    THIRD,
                    THIRD,
                    THIRD)
                .configured(RPM, FREE)
                .at(60, simulation -> simulation.executors.get(2).die())
                .event(60, 60));
    all.add(
        () ->
            Simulation.cluster(
                    "configured, driver unreachable 60-70 s",
                    128,
                    s -> s.requestsPerMinute(RPM),
                    THIRD,
                    THIRD,
                    THIRD)
                .configured(RPM, FREE)
                .at(60, simulation -> simulation.executors.forEach(each -> each.cut(true)))
                .at(70, simulation -> simulation.executors.forEach(each -> each.cut(false)))
                .event(70, 70));
  }

  private static void wrong(List<Supplier<Simulation>> all) {
    all.add(
        () ->
            Simulation.local(
                    "set twice too high, bare 429s", 256, MANY, s -> s.requestsPerMinute(RPM))
                .configured(2 * RPM, FREE));
    all.add(
        () ->
            Simulation.cluster(
                    "very low, set twice too high, 3 executors",
                    16,
                    s -> s.requestsPerMinute(20),
                    60,
                    60,
                    60)
                .configured(40, FREE));
    all.add(
        () ->
            Simulation.local(
                "very low, bare 429s, window 64", 64, 200, s -> s.requestsPerMinute(20)));
  }

  private static void unknown(List<Supplier<Simulation>> all) {
    for (Tells tells : List.of(Tells.OPENAI, Tells.ANTHROPIC, Tells.RETRY_AFTER, Tells.NOTHING)) {
      String how =
          switch (tells) {
            case OPENAI -> "headers (OpenAI)";
            case ANTHROPIC -> "headers (Anthropic)";
            case RETRY_AFTER -> "Retry-After";
            case NOTHING -> "bare 429s";
          };
      all.add(
          () ->
              Simulation.local(
                  how + ", 1 executor", 256, MANY, s -> s.requestsPerMinute(RPM).tells(tells)));
      all.add(
          () ->
              Simulation.cluster(
                  how + ", 3 executors",
                  128,
                  s -> s.requestsPerMinute(RPM).tells(tells),
                  THIRD,
                  THIRD,
                  THIRD));
      all.add(
          () ->
              Simulation.local(
                  how + ", refused count",
                  256,
                  MANY,
                  s -> s.requestsPerMinute(RPM).tells(tells).countsRefused()));
      all.add(
          () ->
              Simulation.cluster(
                  how + ", refused count, 3 executors",
                  128,
                  s -> s.requestsPerMinute(RPM).tells(tells).countsRefused(),
                  THIRD,
                  THIRD,
                  THIRD));
    }
  }

  private static void changed(List<Supplier<Simulation>> all) {
    for (Tells tells : List.of(Tells.OPENAI, Tells.NOTHING)) {
      String how = tells == Tells.OPENAI ? "headers" : "bare 429s";
      all.add(
          () ->
              Simulation.local(
                      "limit halved at 60 s, " + how,
                      256,
                      6_000,
                      s -> s.requestsPerMinute(now -> now < 60 ? RPM : RPM / 2).tells(tells))
                  .event(60, 60));
      all.add(
          () ->
              Simulation.local(
                      "limit doubled at 60 s, " + how,
                      256,
                      15_000,
                      s -> s.requestsPerMinute(now -> now < 60 ? RPM : 2 * RPM).tells(tells))
                  .event(60, 60));
    }
    all.add(
        () ->
            Simulation.local(
                "slow ramp, bare 429s",
                256,
                6_000,
                s -> s.requestsPerMinute(now -> RPM * (0.1 + 0.9 * Math.min(1, now / 120)))));
    all.add(
        () ->
            Simulation.local(
                "slow ramp, 503 slow_down",
                256,
                6_000,
                s ->
                    s.requestsPerMinute(now -> RPM * (0.1 + 0.9 * Math.min(1, now / 120)))
                        .refusesWith(Fault.SLOW_DOWN)));
  }

  private static void tokens(List<Supplier<Simulation>> all) {
    for (boolean atOnce : new boolean[] {true, false}) {
      for (double factor : new double[] {0.5, 1, 2}) {
        String where = atOnce ? "admission" : "the answer";
        all.add(
            () ->
                Simulation.tokens(
                        "tokens counted at " + where + ", estimated " + factor + "x",
                        512,
                        18_000,
                        (int) (factor * 1_125) - 100,
                        s -> s.tokensPerMinute(TPM, atOnce).answerTokens(50, 2_000).latency(5, 0.5))
                    .configured(FREE, TPM));
      }
    }
  }

  private static void outages(List<Supplier<Simulation>> all) {
    for (Fault fault : List.of(Fault.UNAVAILABLE, Fault.REFUSED_CONNECTION)) {
      String how = fault == Fault.UNAVAILABLE ? "503" : "refused connections";
      all.add(
          () ->
              Simulation.local(
                      "outage 30-45 s, " + how + ", 128 in flight",
                      128,
                      MANY,
                      s -> s.faults(now -> now >= 30 && now < 45 ? fault : Fault.NONE).latency(1))
                  .ideal(128)
                  .event(30, 45));
      all.add(
          () ->
              Simulation.cluster(
                      "outage 30-45 s, " + how + ", 3 executors",
                      43,
                      s -> s.faults(now -> now >= 30 && now < 45 ? fault : Fault.NONE).latency(1),
                      THIRD,
                      THIRD,
                      THIRD)
                  .ideal(129)
                  .event(30, 45));
    }
    all.add(
        () ->
            Simulation.local(
                    "outage 30-45 s, 503, configured",
                    128,
                    MANY,
                    s ->
                        s.faults(now -> now >= 30 && now < 45 ? Fault.UNAVAILABLE : Fault.NONE)
                            .requestsPerMinute(2 * RPM))
                .configured(2 * RPM, FREE)
                .event(30, 45));
  }

  private static void others(List<Supplier<Simulation>> all) {
    all.add(
        () ->
            Simulation.local("429s above 32 in flight", 128, MANY, s -> s.mostInFlight(32))
                .ideal(32 / 0.3));
    all.add(
        () ->
            Simulation.local(
                    "503s above 32 in flight",
                    128,
                    MANY,
                    s -> s.mostInFlight(32).refusesWith(Fault.UNAVAILABLE))
                .ideal(32 / 0.3));
    all.add(
        () ->
            Simulation.local(
                    "1.7 % random 429s", 128, 2 * MANY, s -> s.faults(Fault.TOO_MANY, 0.017))
                .ideal(128 / 0.3));
    all.add(
        () ->
            Simulation.local("5 % random resets", 128, 2 * MANY, s -> s.faults(Fault.RESET, 0.05))
                .ideal(128 / 0.3));
    all.add(
        () -> Simulation.local("no limit, window 256", 256, MANY, s -> s.latency(1)).ideal(256));
    all.add(
        () ->
            Simulation.local("no limit, window 1,000", 1_000, 20_000, s -> s.latency(1))
                .ideal(1_000));
  }
}
