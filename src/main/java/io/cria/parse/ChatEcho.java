package io.cria.parse;

import io.cria.text.PythonText;
import java.util.regex.Pattern;

/**
 * A chat model asked to go on after an open number often writes that number again. The published
 * parsers expect a bare continuation, so the echo is taken off before them; for the chat dialect
 * only.
 */
public final class ChatEcho {
  private ChatEcho() {}

  /**
   * {@code text} without an echo of {@code openNumber} at its very start, white space before it
   * allowed: "9." of a list, "4. Instruction:" of a block. A decimal number ("9.5 million") and any
   * other number stay.
   */
  public static String strip(String text, int openNumber) {
    Pattern echo =
        Pattern.compile(
            "^"
                + PythonText.SPACE
                + "*+"
                + openNumber
                + PythonText.SPACE
                + "?+\\.(?!"
                + PythonText.DIGIT
                + ")"
                + "(?:"
                + PythonText.SPACE
                + "*+Instruction:)?+");
    return echo.matcher(text).replaceFirst("");
  }
}
