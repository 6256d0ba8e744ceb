package io.cria.prompt;

import io.cria.text.PythonText;
import java.util.List;

/** The form in which demonstrations of instructions stand in a prompt. */
final class NumberedTasks {
  private NumberedTasks() {}

  /** {@code 1. first\n2. second …}, no line end after the last. */
  static String render(List<String> instructions) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < instructions.size(); i++) {
      if (i > 0) {
        out.append('\n');
      }
      out.append(i + 1).append(". ").append(oneLine(instructions.get(i)));
    }
    return out.toString();
  }

  /**
   * White space collapsed and stripped, then colons at the end removed, as both published programs
   * do.
   */
  static String oneLine(String instruction) {
    String collapsed = PythonText.collapse(instruction);
    int end = collapsed.length();
    while (end > 0 && collapsed.charAt(end - 1) == ':') {
      end--;
    }
    return collapsed.substring(0, end);
  }
}
