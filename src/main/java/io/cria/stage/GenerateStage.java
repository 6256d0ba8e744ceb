package io.cria.stage;

import io.cria.ask.AskStage;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Round after round: prompts, answers, candidates with verdicts, until the target is reached.
 * Committed rounds are taken as they are; the first that is not is gone on with.
 */
public final class GenerateStage implements Stage {
  private final java.util.function.Function<RunContext, io.cria.similarity.Selector> selectors;

  /**
   * @param selectors makes the similarity rule of a run
   */
  public GenerateStage(
      java.util.function.Function<RunContext, io.cria.similarity.Selector> selectors) {
    this.selectors = selectors;
  }

  @Override
  public String name() {
    return GeneratePrompts.STAGE;
  }

  @Override
  public boolean run(RunContext context) {
    RoundPlan plan = new RoundPlan(context.config().rounds());
    List<RoundPlan.Committed> history = committed(context);
    if (isDone(context, plan, history) || nothingToClose(context, history)) {
      return false;
    }
    GeneratePrompts prompts = new GeneratePrompts(context);
    InstructionPool pool = new InstructionPool(context, selectors.apply(context));
    pool.takeCommitted(context, IntStream.range(0, history.size()).boxed().toList());
    while (!isDone(context, plan, history)) {
      history.add(
          round(
              context,
              prompts,
              pool,
              history.size(),
              plan.size(history, context.config().target())));
      tell(context, history);
      if (context.closeRound()) {
        break;
      }
    }
    return true;
  }

  private static RoundPlan.Committed round(
      RunContext context, GeneratePrompts prompts, InstructionPool pool, int round, int size) {
    prompts.run(round, size, pool);
    if (!context.closeRound()) {
      new AskStage(context, GeneratePrompts.STAGE).run(List.of(round));
    }
    return committed(context, round, new SelectStage(context).run(round, pool));
  }

  /** The committed rounds from the first on, up to a gap. */
  static List<RoundPlan.Committed> committed(RunContext context) {
    GeneratePrompts prompts = new GeneratePrompts(context);
    List<RoundPlan.Committed> history = new ArrayList<>();
    Optional<Manifest> select = committedRound(context, prompts, 0);
    while (select.isPresent()) {
      history.add(committed(context, history.size(), select.get()));
      select = committedRound(context, prompts, history.size());
    }
    return history;
  }

  private static Optional<Manifest> committedRound(
      RunContext context, GeneratePrompts prompts, int round) {
    return prompts.isPlanned(round) ? new SelectStage(context).committed(round) : Optional.empty();
  }

  private static RoundPlan.Committed committed(RunContext context, int round, Manifest select) {
    long requests =
        context
            .run()
            .manifest(RunTables.requests(GeneratePrompts.STAGE, round))
            .map(Manifest::rows)
            .orElse(0L);
    return new RoundPlan.Committed(requests, select.counts().getOrDefault("kept", 0L));
  }

  private static boolean isDone(
      RunContext context, RoundPlan plan, List<RoundPlan.Committed> history) {
    if (kept(history) >= context.config().target()) {
      return true;
    }
    Optional<String> end = plan.end(history);
    end.ifPresent(
        why ->
            context
                .progress()
                .note(
                    "generate ends at "
                        + kept(history)
                        + " of "
                        + context.config().target()
                        + " instructions: "
                        + why));
    return end.isPresent();
  }

  private static boolean nothingToClose(RunContext context, List<RoundPlan.Committed> history) {
    return context.closeRound() && !new GeneratePrompts(context).isPlanned(history.size());
  }

  private static void tell(RunContext context, List<RoundPlan.Committed> history) {
    RoundPlan.Committed last = history.get(history.size() - 1);
    context
        .progress()
        .note(
            "round "
                + (history.size() - 1)
                + ": "
                + last.requests()
                + " requests, "
                + last.kept()
                + " kept; pool "
                + kept(history)
                + " of "
                + context.config().target());
  }

  private static long kept(List<RoundPlan.Committed> history) {
    return history.stream().mapToLong(RoundPlan.Committed::kept).sum();
  }
}
