package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rejects what a model says of itself in place of a task or an answer: refusals, and talk to the
 * one who asks. What stands in quotes is somebody else's.
 *
 * @param openings an instruction must not begin with any of these: 죄송하지만, 물론입니다. An output may: a
 *     letter of apology does
 * @param phrases must not stand anywhere in an instruction or an output: AI 언어 모델로서
 */
public record Refusal(List<String> openings, List<String> phrases) implements Filter {
  private static final Pattern QUOTED =
      Pattern.compile(
          "\"[^\"\\n]*+\"|'[^'\\n]*+'|\u201C[^\u201D\\n]*+\u201D|\u2018[^\u2019\\n]*+\u2019"
              + "|\u300C[^\u300D\\n]*+\u300D|\u300E[^\u300F\\n]*+\u300F");

  public Refusal {
    openings = List.copyOf(openings);
    phrases = List.copyOf(phrases);
  }

  @Override
  public Verdict judge(Draft draft) {
    String instruction = unquoted(draft.instruction());
    String output = unquoted(draft.output());
    boolean refused =
        openings.stream().anyMatch(instruction::startsWith)
            || phrases.stream().anyMatch(p -> instruction.contains(p) || output.contains(p));
    return refused ? Verdict.reject(Reason.REFUSAL) : Verdict.keep();
  }

  private static String unquoted(@Nullable String text) {
    return text == null ? "" : PythonText.collapse(QUOTED.matcher(text).replaceAll("\"\""));
  }
}
