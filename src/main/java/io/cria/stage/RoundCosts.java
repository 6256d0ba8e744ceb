package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.BudgetJournal;
import io.cria.ask.CapUse;
import io.cria.ask.Measured;
import io.cria.ask.Spend;
import io.cria.config.Operation.Caps;
import io.cria.llm.Prices;
import io.cria.run.Estimate;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.task.Amount;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads from a run what {@link RoundBudget} judges by. The later stages stand still meanwhile. */
final class RoundCosts {
  private final RunContext context;
  private final RoundBudget budget;
  private final Prices prices;
  private final LocalDate today = LocalDate.now(ZoneOffset.UTC);
  private final List<Measured> costs = new ArrayList<>();
  private @Nullable List<Asked> later;

  /**
   * A later stage as it stands.
   *
   * @param asked how many instructions of a round it has asked about; a round that is not there
   *     none
   * @param cost of requests like those to come
   * @param worst that one may take
   */
  private record Asked(Map<Integer, Long> asked, Measured cost, Amount worst) {
    RoundBudget.Later waiting(List<RoundPlan.Committed> history) {
      long waiting = 0;
      for (int round = 0; round < history.size(); round++) {
        waiting += Math.max(0, history.get(round).kept() - asked.getOrDefault(round, 0L));
      }
      return new RoundBudget.Later(waiting, cost, worst);
    }
  }

  RoundCosts(RunContext context) {
    this.context = context;
    Caps caps = context.config().caps();
    this.budget = new RoundBudget(caps.amount(), caps.usdPerInstruction());
    this.prices = Prices.listed(context.prices());
  }

  private static List<StageDeclaration> paidLater(RunContext context) {
    List<String> stages = context.config().stages();
    List<StageDeclaration> paid = new ArrayList<>();
    if (stages.contains(Line.CLASSIFY.name())) {
      paid.add(Line.CLASSIFY);
    }
    if (stages.contains(Line.INSTANCES.name()) && context.config().instances() != null) {
      paid.add(Line.INSTANCES);
    }
    return paid;
  }

  private List<Asked> later() {
    List<Asked> known = later;
    if (known == null) {
      List<StageDeclaration> paid = paidLater(context);
      Map<String, Estimate> estimates = paid.isEmpty() ? Map.of() : context.estimates().get();
      known = paid.stream().map(stage -> asked(stage, estimates)).toList();
      later = known;
    }
    return known;
  }

  private Asked asked(StageDeclaration stage, Map<String, Estimate> estimates) {
    Map<Integer, Long> asked = new HashMap<>();
    Measured sum = Measured.NOTHING;
    for (int round : RunTables.rounds(context.run(), Line.REQUESTS, stage.name())) {
      Measured committed = Measured.of(context, stage, round, prices, today);
      sum = sum.plus(committed);
      asked.put(
          round,
          AskedParts.isWhole(context, stage, round)
              ? Long.MAX_VALUE
              : Math.max(committed.requests(), Spend.answered(context.run(), stage, round)));
    }
    Estimate estimate = Objects.requireNonNull(estimates.get(stage.name()), stage.name());
    return new Asked(
        asked, sum.requests() > 0 ? sum : new Measured(1, estimate.expected()), estimate.worst());
  }

  /**
   * Why no further round may be planned; empty when one may.
   *
   * @param history the committed rounds, at least one
   * @param size requests of the next
   */
  Optional<String> end(List<RoundPlan.Committed> history, int size) {
    Caps caps = context.config().caps();
    if (!caps.areSet() && caps.usdPerInstruction() == null) {
      return Optional.empty();
    }
    List<RoundBudget.Round> rounds = new ArrayList<>();
    for (int round = 0; round < history.size(); round++) {
      if (round == costs.size()) {
        costs.add(Measured.of(context, Line.GENERATE, round, prices, today));
      }
      rounds.add(new RoundBudget.Round(history.get(round).kept(), costs.get(round)));
    }
    Amount taken =
        new CapUse(context.run(), context.spark().sparkContext().hadoopConfiguration())
            .of(Spend.byStage(context.run()), prices, context.config().model(), today)
            .plus(BudgetJournal.known(context.run()));
    return budget.end(
        rounds, size, taken, later().stream().map(stage -> stage.waiting(history)).toList());
  }
}
