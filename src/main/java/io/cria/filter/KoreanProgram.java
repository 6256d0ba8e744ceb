package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import java.util.List;

/**
 * Rejects an instruction that ends as {@link WriteAProgram}'s begin, in a language whose verb comes
 * last: it stays open whether the program or its result is wanted.
 *
 * @param endings what an instruction must not end with, up to the verb's stem: 프로그램을 작성
 */
public record KoreanProgram(List<String> endings) implements Filter {
  /** An ending of the verb, such as 해 주시겠습니까?, has no more characters. */
  private static final int LONGEST_INFLECTION = 10;

  public KoreanProgram {
    endings = List.copyOf(endings);
  }

  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    for (String ending : endings) {
      int at = text.lastIndexOf(ending);
      if (at >= 0 && text.length() - at - ending.length() <= LONGEST_INFLECTION) {
        return Verdict.reject(Reason.KOREAN_PROGRAM);
      }
    }
    return Verdict.keep();
  }
}
