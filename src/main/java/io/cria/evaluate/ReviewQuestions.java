package io.cria.evaluate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The paper's three questions on an example (Self-Instruct, section 3.3), as tables name them. */
public final class ReviewQuestions {
  public static final String YES = "yes";

  /** Whether all three are answered with yes; no table has it, since it follows from them. */
  public static final String ALL = "all_three";

  /** Each with the verdicts that may be given, in order. */
  public static final Map<String, List<String>> QUESTIONS = questions();

  private ReviewQuestions() {}

  private static Map<String, List<String>> questions() {
    Map<String, List<String>> questions = new LinkedHashMap<>();
    AnswerForm.REVIEW
        .fields()
        .forEach((label, choices) -> questions.put(AnswerForm.question(label), choices));
    return Collections.unmodifiableMap(questions);
  }
}
