package io.cria.parse;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Thinking that a model writes before its answer, where the server leaves it in the text: one block
 * of {@code <think>…</think>} or of another model's marks.
 */
public final class Reasoning {
  private static final List<Marks> MARKS =
      List.of(
          tag("think"),
          tag("thinking"),
          tag("thought"),
          tag("thoughts"),
          tag("reasoning"),
          tag("seed:think"),
          new Marks("(?-i:\\[THINK\\])", "(?-i:\\[/THINK\\])"),
          new Marks("\u25C1think\u25B7", "\u25C1/think\u25B7"),
          new Marks("<\\|start_thinking\\|>", "<\\|end_thinking\\|>"),
          new Marks(
              "(?:<\\|start\\|>assistant)?<\\|channel\\|>(?:analysis|commentary)\\b[^<]*<\\|message\\|>",
              "<\\|channel\\|>final\\b[^<]*<\\|message\\|>"));

  private static final Pattern ANY_OPENING =
      Pattern.compile("(?i)" + String.join("|", MARKS.stream().map(Marks::opening).toList()));

  /**
   * What ends a block whose beginning stood in the prompt: a server's template may open it. Fewer
   * than with an opening before them, since an answer may be about the others.
   */
  private static final Pattern UNOPENED_CLOSING =
      Pattern.compile(
          "(?i)</(?:seed:)?think(?:ing)?\\s*>|(?-i:\\[/THINK\\])|\u25C1/think\u25B7"
              + "|<\\|end_thinking\\|>");

  private Reasoning() {}

  /** What opens a block and what closes it. */
  private record Marks(String opening, Pattern leading, Pattern closing) {
    Marks(String opening, String closing) {
      this(opening, Pattern.compile("(?i)\\A\\s*" + opening), Pattern.compile("(?i)" + closing));
    }
  }

  private static Marks tag(String name) {
    return new Marks("<" + name + "(?:\\s[^<>]*)?>", "</" + name + "\\s*>");
  }

  /**
   * The text without one block of thinking at its beginning and the white space around it. A block
   * that is never closed is all there is: nothing is left. A text that begins within a block loses
   * what stands up to its end. A text without a block at its beginning is given back as it is.
   */
  public static String strip(String text) {
    for (Marks marks : MARKS) {
      Matcher opening = marks.leading().matcher(text);
      if (opening.find()) {
        Matcher end = marks.closing().matcher(text);
        return end.find(opening.end()) ? text.substring(end.end()).stripLeading() : "";
      }
    }
    Matcher end = UNOPENED_CLOSING.matcher(text);
    if (end.find() && !ANY_OPENING.matcher(text).region(0, end.start()).find()) {
      return text.substring(end.end()).stripLeading();
    }
    return text;
  }
}
