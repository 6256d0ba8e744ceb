package io.cria.stage;

import io.cria.config.Identity.Generate;
import io.cria.prompt.PromptFiles;
import io.cria.prompt.RoundPrompt;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.task.CriaException;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import java.util.List;

/** Seeds and pool to the requests of a generating round. */
public final class GeneratePrompts {
  private final RunContext context;
  private final Planning planning;
  private final RoundPrompt builder;

  public GeneratePrompts(RunContext context) {
    this.context = context;
    this.planning = Planning.of(context, Line.GENERATE);
    this.builder =
        builder(
            context.config().generate(),
            Prompts.of(context),
            context.seeds(),
            context.config().words());
  }

  /**
   * The prompt a run file names.
   *
   * @throws CriaException for an unknown name, or prompt files that do not fit it
   */
  public static RoundPrompt builder(
      Generate generate, PromptFiles files, List<SeedTask> seeds, Labels labels) {
    return RoundPrompt.named(
        generate.prompt(), generate.classificationOnly(), files, seeds, labels);
  }

  /** Plans the round unless it is planned already from the same pool. */
  public void run(int round, int size, InstructionPool pool) {
    if (isPlanned(round)) {
      return;
    }
    Planning.Round planned = planning.begin(round);
    for (int row = 0; row < size; row++) {
      planned.add(
          builder.build(pool.machine(), planning.random(round, row)),
          context.config().generate().decoding(),
          null);
    }
    planned.publish(InstructionPool.inputs(context, round));
  }

  /** Whether the round's requests are published, made from the pool as it stands. */
  boolean isPlanned(int round) {
    return planning.isPlanned(round, InstructionPool.inputs(context, round));
  }
}
