package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Verdict;

/** One rule that a parsed draft must pass before it is compared with the pool. */
@FunctionalInterface
public interface Filter {
  /** Keeps the draft, or rejects it with a reason. Pure: the same draft gets the same verdict. */
  Verdict judge(Draft draft);
}
