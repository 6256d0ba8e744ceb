package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.run.AskContext;
import io.cria.task.CriaException;
import java.util.Optional;

/**
 * A step of what is done beside the line, in a directory of its own. Idempotent: run again, it
 * finds its work done.
 */
public interface BesideStage {
  /** In status and messages. */
  String name();

  /** Whom it may ask; empty where it asks nobody. */
  Optional<AskConfig> asks();

  /**
   * Refuses what can be known to fail, before anything is asked of anybody.
   *
   * @param isLocal whether Spark runs on this machine alone
   * @throws CriaException (bad input)
   */
  default void require(boolean isLocal) {}

  /**
   * Does what is not done yet.
   *
   * @param context its {@link AskContext#asking} is {@link #asks}
   * @return whether there was anything to do
   */
  boolean run(AskContext context);
}
