package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The numbered list of Self-Instruct (arXiv 2212.10560, appendix A.1, and its published program): a
 * list goes on in the answer; an answer cut by length is dropped whole. The numbers themselves are
 * not looked at.
 */
final class NumberedList implements CandidateParser {
  private static final Pattern NUMBER =
      Pattern.compile("\\n" + PythonText.DIGIT + "++" + PythonText.SPACE + "?+\\. ");

  @Override
  public List<Draft> parse(Completion completion, int demonstrations) {
    if (completion.isCut()) {
      return List.of(Draft.failed(0, completion.text(), Reason.CUT_BY_LENGTH));
    }
    List<Draft> drafts = new ArrayList<>();
    List<String> items = Pieces.around(NUMBER, completion.text());
    for (int item = 0; item < items.size(); item++) {
      String raw = items.get(item);
      String instruction = PythonCase.capitalize(PythonText.collapse(raw));
      if (!instruction.isEmpty()) {
        drafts.add(Draft.parsed(item, raw, instruction, null, null));
      }
    }
    return drafts;
  }
}
