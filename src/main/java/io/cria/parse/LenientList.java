package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Labels;
import io.cria.task.Reason;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Self-Instruct's numbered list in the forms of {@link LineLabels}. It differs from {@link
 * NumberedList} in what models of other languages do: an item ends at a blank line, a label before
 * it is taken off, letters keep their case, and what stands before the open number's own line is a
 * remark and no item. An answer cut by length is dropped whole, as there.
 */
final class LenientList implements CandidateParser {
  private static final LineLabels NUMBERS = LineLabels.numbers();
  private static final Pattern BLANK_LINE = Pattern.compile("\\n" + LineLabels.GAP + "*+\\r?+\\n");
  private static final String BOLD = "**";

  private final LineLabels task;

  LenientList(Labels labels) {
    this.task =
        LineLabels.of(
            Stream.concat(labels.task().stream(), labels.instruction().stream()).toList());
  }

  @Override
  public List<Draft> parse(Completion completion, int demonstrations) {
    String text = completion.text();
    if (completion.isCut()) {
      return List.of(Draft.failed(0, text, Reason.CUT_BY_LENGTH));
    }
    List<Draft> drafts = new ArrayList<>();
    List<LineLabels.Found> numbers = NUMBERS.in(text);
    for (int item = 0; item <= numbers.size(); item++) {
      int start = item == 0 ? 0 : numbers.get(item - 1).end();
      int end = item == numbers.size() ? text.length() : numbers.get(item).start();
      String raw = text.substring(start, end);
      String instruction = instruction(raw);
      if (instruction.isEmpty()) {
        continue;
      }
      boolean remark =
          item == 0 && !numbers.isEmpty() && numbers.get(0).number() == demonstrations + 1;
      drafts.add(
          remark
              ? Draft.failed(item, raw, Reason.MALFORMED)
              : Draft.parsed(item, raw, instruction, null, null));
    }
    return drafts;
  }

  private String instruction(String raw) {
    String text = Pieces.around(BLANK_LINE, PythonText.strip(raw)).get(0);
    LineLabels.Found label = task.at(text);
    String line = PythonText.collapse(label == null ? text : text.substring(label.end()));
    boolean bold =
        line.length() > 2 * BOLD.length() && line.startsWith(BOLD) && line.endsWith(BOLD);
    return bold ? PythonText.strip(line.substring(2, line.length() - 2)) : line;
  }
}
