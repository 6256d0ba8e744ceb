package io.cria.stage;

import io.cria.ask.PlannedRequest;
import io.cria.config.Identity.Generate;
import io.cria.prompt.BuiltPrompt;
import io.cria.prompt.PromptFiles;
import io.cria.prompt.RoundPrompt;
import io.cria.run.RunContext;
import io.cria.task.CriaException;
import io.cria.task.SeedTask;
import java.util.ArrayList;
import java.util.List;

/** Seeds and pool to the requests of a generating round. */
public final class GeneratePrompts {
  static final int VERSION = 1;
  public static final String STAGE = "generate";

  private final RunContext context;
  private final Prompting prompting;
  private final RoundPrompt builder;

  public GeneratePrompts(RunContext context) {
    this.context = context;
    this.prompting = new Prompting(context, STAGE, VERSION);
    this.builder = builder(context.config().generate(), Prompts.of(context), context.seeds());
  }

  /**
   * The prompt a run file names.
   *
   * @throws CriaException for an unknown name, or prompt files that do not fit it
   */
  public static RoundPrompt builder(Generate generate, PromptFiles files, List<SeedTask> seeds) {
    return RoundPrompt.named(generate.prompt(), generate.classificationOnly(), files, seeds);
  }

  /** Plans the round unless it is planned already from the same pool. */
  public void run(int round, int size, InstructionPool pool) {
    if (isPlanned(round)) {
      return;
    }
    prompting.begin(round);
    List<PlannedRequest> requests = new ArrayList<>();
    for (int row = 0; row < size; row++) {
      BuiltPrompt prompt = builder.build(pool.machine(), prompting.random(round, row));
      requests.add(
          prompting.plan(round, row, prompt, context.config().generate().decoding(), null));
    }
    prompting.publish(round, InstructionPool.inputs(context, round), requests);
  }

  /** Whether the round's requests are published, made from the pool as it stands. */
  boolean isPlanned(int round) {
    return prompting.isPlanned(round, InstructionPool.inputs(context, round));
  }
}
