package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.text.PythonText;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One task on one line, as the quickstart recipe asks for it: the first line with text, white space
 * collapsed, without a leading number or quotes around it. Always exactly one draft.
 */
final class SingleLine implements CandidateParser {
  private static final Pattern LINE_END = Pattern.compile("[\\n\\r\\u2028\\u2029]");
  private static final Pattern NUMBER =
      Pattern.compile(
          "^"
              + PythonText.DIGIT
              + "++"
              + PythonText.SPACE
              + "?+[.)](?:"
              + PythonText.SPACE
              + "++|$)");
  private static final String OPENING = "\"'`\u201C\u2018\u00AB";
  private static final String CLOSING = "\"'`\u201D\u2019\u00BB";

  @Override
  public List<Draft> parse(Completion completion, int demonstrations) {
    String text = completion.text();
    List<String> lines = Pieces.around(LINE_END, text);
    for (int i = 0; i < lines.size(); i++) {
      String line = PythonText.collapse(lines.get(i));
      if (line.isEmpty()) {
        continue;
      }
      if (completion.isCut() && i == lines.size() - 1) {
        return List.of(Draft.failed(0, text, Reason.CUT_BY_LENGTH));
      }
      String task = bare(line);
      return List.of(
          task.isEmpty()
              ? Draft.failed(0, text, Reason.MALFORMED)
              : Draft.parsed(0, text, task, null, null));
    }
    return List.of(Draft.failed(0, text, Reason.MALFORMED));
  }

  /** A number may stand inside the quotes or before them. */
  private static String bare(String line) {
    return withoutNumber(withoutQuotes(withoutNumber(line)));
  }

  private static String withoutNumber(String line) {
    return NUMBER.matcher(line).replaceFirst("");
  }

  private static String withoutQuotes(String line) {
    if (line.length() < 2) {
      return line;
    }
    int quote = OPENING.indexOf(line.charAt(0));
    boolean closed = quote >= 0 && line.charAt(line.length() - 1) == CLOSING.charAt(quote);
    return closed ? PythonText.strip(line.substring(1, line.length() - 1)) : line;
  }
}
