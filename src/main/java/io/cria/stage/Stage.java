package io.cria.stage;

import io.cria.run.RunContext;

/**
 * A step of the line that a scheduler can call by name. Idempotent: run again, it finds its work
 * done.
 */
public interface Stage {
  /** The name in commands, manifests and the ledger. */
  String name();

  /**
   * Does what is not done yet, resuming where an earlier invocation ended.
   *
   * @return whether there was anything to do
   * @throws io.cria.task.CriaException when it cannot go on; what is committed stays
   */
  boolean run(RunContext context);
}
