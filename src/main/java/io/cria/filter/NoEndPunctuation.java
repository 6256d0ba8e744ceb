package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;

/**
 * Rejects an instruction that does not end as a sentence does: small models often break off or
 * write a title.
 *
 * @param marks the characters an instruction may end with
 */
public record NoEndPunctuation(String marks) implements Filter {
  private static final String CLOSING = "\"')]\u2019\u201D\u00BB\u300D\u300F";

  /** Closing quotes and brackets after the mark are looked through. */
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    int end = text.length();
    while (end > 0 && CLOSING.indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return end > 0 && marks.indexOf(text.codePointBefore(end)) >= 0
        ? Verdict.keep()
        : Verdict.reject(Reason.NO_END_PUNCTUATION);
  }
}
