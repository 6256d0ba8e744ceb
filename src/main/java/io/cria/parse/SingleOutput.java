package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.InstanceDraft;
import io.cria.task.Reason;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The whole answer as the one output of an instruction without input (quickstart). An answer cut by
 * length is taken back to its last whole sentence; a mere repetition of the instruction is no
 * answer.
 */
final class SingleOutput implements InstanceParser {
  /**
   * Up to a sentence's end: a mark with closing quotes and brackets, then white space or the end.
   * East Asian marks need no space after them. The dot after a list number at a line's start ends
   * no sentence.
   */
  private static final Pattern SENTENCE_END =
      Pattern.compile(
          "(?:(?<!^"
              + PythonText.DIGIT
              + "{1,6})\\.|[!?\\u2026])[\"')\\]\\u2019\\u201D\\u00BB]*+"
              + "(?="
              + PythonText.SPACE
              + "|\\z)|[\\u3002\\uFF01\\uFF1F][\"')\\]\\u2019\\u201D\\u300D\\u300F]*+",
          Pattern.MULTILINE);

  @Override
  public List<InstanceDraft> parse(
      String instruction, boolean isClassification, Completion completion) {
    String text = PythonText.strip(completion.text());
    String output = completion.isCut() ? wholeSentences(text) : text;
    return List.of(
        new InstanceDraft(
            0, completion.text(), "", output, fault(instruction, output, completion.isCut())));
  }

  private static @Nullable String fault(String instruction, String output, boolean cut) {
    if (cut && output.isEmpty()) {
      return Reason.CUT_BY_LENGTH;
    }
    if (output.isEmpty()) {
      return Reason.EMPTY_OUTPUT;
    }
    return plain(output).equals(plain(instruction)) ? Reason.SAME_AS_INPUT : null;
  }

  private static String plain(String text) {
    return PythonCase.lower(PythonText.collapse(text));
  }

  private static String wholeSentences(String text) {
    Matcher matcher = SENTENCE_END.matcher(text);
    int end = 0;
    while (matcher.find()) {
      end = matcher.end();
    }
    return text.substring(0, end);
  }
}
