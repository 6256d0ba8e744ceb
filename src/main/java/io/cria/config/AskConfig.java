package io.cria.config;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import org.jspecify.annotations.Nullable;

/**
 * What asking a model needs to be told, whatever is asked: the part of a run file, or of a judge's,
 * that it reads.
 *
 * @param model its name at the API
 * @param reasoning one of {@link Identity#REASONING}: what becomes of a leading think block
 * @param endpoint where it answers
 * @param limits how hard it is driven
 * @param caps what may be spent, over all invocations on one directory
 * @param parallelism partitions of a paid job; null for Spark's default
 * @param seed of everything sampled for requests
 */
public record AskConfig(
    String model,
    String reasoning,
    Endpoint endpoint,
    Limits limits,
    Caps caps,
    @Nullable Integer parallelism,
    long seed) {
  /** Of work that asks nobody. */
  public static final AskConfig NOBODY =
      new AskConfig(
          "nobody", Identity.STRIP, Endpoint.DEFAULT, Limits.DEFAULT, Caps.DEFAULT, null, 0);
}
