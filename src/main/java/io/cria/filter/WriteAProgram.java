package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;

/**
 * Rejects an instruction that begins as so many machine-made ones do, where it stays open whether
 * the program or its result is wanted.
 *
 * @param prefix the beginning, case as written
 */
public record WriteAProgram(String prefix) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    return draft.instruction().startsWith(prefix)
        ? Verdict.reject(Reason.WRITE_A_PROGRAM)
        : Verdict.keep();
  }
}
