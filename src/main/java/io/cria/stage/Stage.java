package io.cria.stage;

import io.cria.run.RunContext;
import io.cria.run.StageDeclaration;

/**
 * A step of the line that a scheduler can call by name. Idempotent: run again, it finds its work
 * done.
 */
public interface Stage {
  /** What it says of itself. */
  StageDeclaration declaration();

  /** The name in commands, manifests and the ledger. */
  default String name() {
    return declaration().name();
  }

  /**
   * Does what is not done yet, resuming where an earlier invocation ended.
   *
   * @return whether there was anything to do
   * @throws io.cria.task.CriaException when it cannot go on; what is committed stays
   */
  boolean run(RunContext context);
}
