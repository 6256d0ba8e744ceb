package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Verdict;
import java.util.List;

/**
 * Filters in their order: the first rejection wins. A draft that did not parse is rejected for the
 * parser's reason before any of them.
 *
 * @param filters in the order they judge
 */
public record FilterChain(List<Filter> filters) implements Filter {
  public FilterChain {
    filters = List.copyOf(filters);
  }

  @Override
  public Verdict judge(Draft draft) {
    if (draft.failure() != null) {
      return Verdict.reject(draft.failure());
    }
    for (Filter filter : filters) {
      Verdict verdict = filter.judge(draft);
      if (!verdict.kept()) {
        return verdict;
      }
    }
    return Verdict.keep();
  }
}
