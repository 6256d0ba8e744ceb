package io.cria.parse;

import io.cria.text.PythonText;
import java.util.Set;

/**
 * The answer to the question whether a task is a classification task (published program's rule).
 */
public final class ClassificationAnswer {
  private static final Set<String> YES = Set.of("Yes", "yes", "YES");

  private ClassificationAnswer() {}

  /** True for Yes, yes and YES with nothing but white space around; every other text is a no. */
  public static boolean isClassification(String answer) {
    return YES.contains(PythonText.strip(answer));
  }
}
