package io.cria.parse;

import io.cria.task.CriaException;
import io.cria.task.Labels;
import io.cria.text.PythonText;
import java.io.Serializable;
import java.util.List;

/**
 * Whether an answer says that a task is a classification task.
 *
 * @param yes the words for yes
 * @param lenient whether more may follow them
 */
public record ClassificationAnswer(List<String> yes, boolean lenient) implements Serializable {
  /** The published program's rule: nothing but yes, and white space around it. */
  public static final String EXACT = "exact";

  /** For models that answer in a sentence: it begins with a word for yes. */
  public static final String LENIENT = "lenient";

  private static final String OPENING = "\"'*`(\u201C\u2018\u300C";

  public ClassificationAnswer {
    yes = List.copyOf(yes);
  }

  /**
   * The reading a recipe names: {@code exact} or {@code lenient}.
   *
   * @throws CriaException for another name
   */
  public static ClassificationAnswer named(String name, Labels labels) {
    return switch (name) {
      case EXACT -> new ClassificationAnswer(labels.yes(), false);
      case LENIENT -> new ClassificationAnswer(labels.yes(), true);
      default ->
          throw CriaException.badInput(
              "unknown parser \"" + name + "\" of classes: use exact or lenient");
    };
  }

  /** True for a yes; every other text is a no. */
  public boolean isClassification(String answer) {
    String text = PythonText.strip(answer);
    return lenient ? begins(text) : yes.contains(text);
  }

  /** Quotes before the word are looked through; a letter or digit after it makes it another. */
  private boolean begins(String text) {
    int start = 0;
    while (start < text.length() && OPENING.indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    for (String word : yes) {
      if (text.startsWith(word, start) && PythonText.isWordBoundary(text, start + word.length())) {
        return true;
      }
    }
    return false;
  }
}
