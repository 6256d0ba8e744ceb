package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.HashSet;
import java.util.List;

/**
 * Rejects an instruction that says the same words over and over.
 *
 * @param minDistinctRatio share of different lower-cased words an instruction must reach, in [0, 1]
 */
public record Repetitive(double minDistinctRatio) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    List<String> words = PythonText.words(PythonCase.lower(draft.instruction()));
    int distinct = new HashSet<>(words).size();
    return distinct < minDistinctRatio * words.size()
        ? Verdict.reject(Reason.REPETITIVE)
        : Verdict.keep();
  }
}
