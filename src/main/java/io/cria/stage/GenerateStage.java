package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.MissingAnswers;
import io.cria.ask.OnlineAsker;
import io.cria.ask.RejectedRequests;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;
import io.cria.similarity.Selector;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Round after round: prompts, answers, candidates with verdicts, until the target is reached, or
 * the caps leave no more than what the later stages need. Committed rounds are taken as they are;
 * the first that is not is gone on with.
 */
public final class GenerateStage implements Stage {
  private final Function<RunContext, Selector> selectors;

  /**
   * @param selectors makes the similarity rule of a run
   */
  public GenerateStage(Function<RunContext, Selector> selectors) {
    this.selectors = selectors;
  }

  @Override
  public StageDeclaration declaration() {
    return Line.GENERATE;
  }

  @Override
  public boolean run(RunContext context) {
    MissingAnswers.rebuild(context, Line.GENERATE, UsableText.of(context));
    RoundPlan plan = new RoundPlan(context.config().rounds());
    List<RoundPlan.Committed> history = committed(context);
    if (context.retryRejected()) {
      retry(context, lastAsked(context, history.size()), history);
    }
    CapEnd caps = new CapEnd(context, plan);
    if (isDone(context, plan, history)
        || nothingToClose(context, history)
        || caps.isReached(history)) {
      return false;
    }
    GeneratePrompts prompts = new GeneratePrompts(context);
    InstructionPool pool = new InstructionPool(context, selectors.apply(context));
    pool.takeCommitted(context, parts(context, history.size(), prompts));
    Candidates work = new Candidates(context, pool);
    AskedParts asked =
        new AskedParts(context, Line.GENERATE, new OnlineAsker(context, work.usable()), work);
    tellKept(context, history);
    while (!isDone(context, plan, history) && !caps.isReached(history)) {
      int round = history.size();
      prompts.run(round, plan.size(history, context.config().target()), pool);
      boolean unused = asked.run(List.of(round), context.closeRound());
      history.add(committed(context, round));
      tell(context, history);
      tellKept(context, history);
      if (context.closeRound()) {
        break;
      }
    }
    return true;
  }

  /** The committed parts of the whole rounds, and of the open one if its plan stands. */
  private static List<List<Manifest>> parts(RunContext context, int open, GeneratePrompts prompts) {
    return IntStream.range(0, prompts.isPlanned(open) ? open + 1 : open)
        .mapToObj(round -> AskedParts.committed(context, Line.GENERATE, round))
        .toList();
  }

  /**
   * Opens the last round anew where requests of it were rejected. What was rejected before stays:
   * the prompts of later rounds hang on it.
   */
  private static void retry(RunContext context, int last, List<RoundPlan.Committed> history) {
    if (last < 0) {
      return;
    }
    long reopened = RejectedRequests.reopen(context, Line.GENERATE, List.of(last));
    if (reopened > 0) {
      history.subList(Math.min(last, history.size()), history.size()).clear();
      context
          .progress()
          .note("generate round " + last + ": " + reopened + " rejected requests are asked again");
    } else {
      context.progress().note("generate round " + last + ": no rejected request");
    }
    long left =
        RejectedRequests.rejected(
            context, Line.GENERATE, IntStream.range(0, last).boxed().toList());
    if (left > 0) {
      context
          .progress()
          .note(
              left
                  + " rejected requests of earlier rounds of generate stay as they are: the prompts"
                  + " of later rounds hang on them");
    }
  }

  /**
   * The round whose answers no prompt hangs on yet: the open one, once it was begun to be asked.
   */
  private static int lastAsked(RunContext context, int open) {
    boolean begun =
        new GeneratePrompts(context).isPlanned(open)
            && !LedgerFiles.segments(context.run(), Line.GENERATE.name(), open).isEmpty();
    return begun ? open : open - 1;
  }

  /** The committed rounds from the first on, up to a gap. */
  static List<RoundPlan.Committed> committed(RunContext context) {
    GeneratePrompts prompts = new GeneratePrompts(context);
    List<RoundPlan.Committed> history = new ArrayList<>();
    while (prompts.isPlanned(history.size())
        && AskedParts.isWhole(context, Line.GENERATE, history.size())) {
      history.add(committed(context, history.size()));
    }
    return history;
  }

  private static RoundPlan.Committed committed(RunContext context, int round) {
    long kept =
        AskedParts.committed(context, Line.GENERATE, round).stream()
            .mapToLong(part -> part.counts().getOrDefault("kept", 0L))
            .sum();
    return new RoundPlan.Committed(Planning.planned(context, Line.GENERATE, round), kept);
  }

  private static boolean isDone(
      RunContext context, RoundPlan plan, List<RoundPlan.Committed> history) {
    if (kept(history) >= context.config().target()) {
      return true;
    }
    Optional<String> end = plan.end(history);
    if (end.isPresent() && kept(history) == 0) {
      throw new CriaException(
          ExitCode.ENDPOINT,
          context.run().root()
              + ": nothing at all was kept, and "
              + end.get()
              + ": look at cria show --rejected for what the model answers, mend model or recipe,"
              + " and begin another run");
    }
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

  /** The end that caps bring about while there still is something left of them. */
  private static final class CapEnd {
    private final RunContext context;
    private final RoundPlan plan;
    private final GeneratePrompts prompts;
    private final RoundCosts costs;

    CapEnd(RunContext context, RoundPlan plan) {
      this.context = context;
      this.plan = plan;
      this.prompts = new GeneratePrompts(context);
      this.costs = new RoundCosts(context);
    }

    /** Says so where it is. The first round is always asked, and one that was planned. */
    boolean isReached(List<RoundPlan.Committed> history) {
      if (history.isEmpty() || context.closeRound() || prompts.isPlanned(history.size())) {
        return false;
      }
      int target = context.config().target();
      Optional<String> why = costs.end(history, plan.size(history, target));
      why.ifPresent(
          reason -> {
            String end =
                "generation ends at "
                    + kept(history)
                    + " of "
                    + target
                    + " instructions: "
                    + reason;
            context.progress().note(end);
            context
                .shortfall()
                .endedEarly(
                    Line.GENERATE.name(),
                    context.run().root()
                        + ": "
                        + end
                        + ": raise the cap and give the same command to go on");
          });
      return why.isPresent();
    }
  }

  private static boolean nothingToClose(RunContext context, List<RoundPlan.Committed> history) {
    return context.closeRound() && !new GeneratePrompts(context).isPlanned(history.size());
  }

  private static void tellKept(RunContext context, List<RoundPlan.Committed> history) {
    context.progress().accepted(kept(history), context.config().target());
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
