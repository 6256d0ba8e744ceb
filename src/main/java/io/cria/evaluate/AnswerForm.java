package io.cria.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The form in which a judge must answer: reasons in its own words, then, as the last lines, each
 * field once and in order, as {@code Label: choice}. Letters' case, white space around and blank
 * lines between count for nothing; everything else off the form is a named failure and no guess is
 * made, since a guessed verdict cannot be told from a given one later.
 *
 * <p>{@code PAIR.read("Left is right about the date.\nBetter: left")} chooses {@code left}.
 *
 * @param fields label to the choices allowed, in order
 */
public record AnswerForm(Map<String, List<String>> fields) implements Serializable {
  /** Which of two answers is better; the choices name a {@link Side}. */
  public static final AnswerForm PAIR =
      new AnswerForm(Map.of("Better", List.of("left", "right", "neither")));

  /** The paper's four levels of an answer. */
  public static final AnswerForm LEVEL =
      new AnswerForm(Map.of("Level", List.of("A", "B", "C", "D")));

  /** The paper's three questions on an example. */
  public static final AnswerForm REVIEW = review();

  public AnswerForm {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    fields.forEach((label, choices) -> copy.put(label, List.copyOf(choices)));
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("a form needs a field");
    }
    fields = Collections.unmodifiableMap(copy);
  }

  private static AnswerForm review() {
    List<String> yesOrNo = List.of("yes", "no");
    Map<String, List<String>> fields = new LinkedHashMap<>();
    fields.put("Valid task", yesOrNo);
    fields.put("Fitting input", yesOrNo);
    fields.put("Acceptable output", yesOrNo);
    return new AnswerForm(fields);
  }

  /** How an answer may be off the form; the name in lower case stands in the table of verdicts. */
  public enum Fault {
    /** No character but white space. */
    EMPTY,
    /** A field's line is not among the answer's lines. */
    MISSING_FIELD,
    /** A field's line stands twice. */
    REPEATED_FIELD,
    /** A field's choice is none of those allowed. */
    UNKNOWN_CHOICE,
    /** Fields in another order, or followed by other text. */
    MISPLACED_FIELD;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What was read. */
  public sealed interface Reading {
    /**
     * An answer on the form.
     *
     * @param choices label to choice, each as the form spells it, in its order
     * @param reason the text before, stripped; may be empty
     */
    record Given(Map<String, String> choices, String reason) implements Reading {
      public Given {
        choices = Collections.unmodifiableMap(new LinkedHashMap<>(choices));
      }
    }

    /**
     * An answer off the form.
     *
     * @param fault how
     * @param label the field at fault; empty for {@link Fault#EMPTY}
     */
    record Off(Fault fault, String label) implements Reading {}
  }

  /** Reads a judge's answer. */
  public Reading read(String answer) {
    List<String> lines = new ArrayList<>(answer.lines().map(String::strip).toList());
    lines.removeIf(String::isEmpty);
    if (lines.isEmpty()) {
      return new Reading.Off(Fault.EMPTY, "");
    }
    for (String label : fields.keySet()) {
      int times = places(lines, label).size();
      if (times != 1) {
        return new Reading.Off(times == 0 ? Fault.MISSING_FIELD : Fault.REPEATED_FIELD, label);
      }
    }
    Map<String, String> choices = new LinkedHashMap<>();
    int place = lines.size() - fields.size();
    for (Map.Entry<String, List<String>> field : fields.entrySet()) {
      String label = field.getKey();
      if (places(lines, label).get(0) != place) {
        return new Reading.Off(Fault.MISPLACED_FIELD, label);
      }
      String line = lines.get(place++);
      String given = line.substring(line.indexOf(':') + 1).strip();
      List<String> meant =
          field.getValue().stream().filter(choice -> choice.equalsIgnoreCase(given)).toList();
      if (meant.isEmpty()) {
        return new Reading.Off(Fault.UNKNOWN_CHOICE, label);
      }
      choices.put(label, meant.get(0));
    }
    return new Reading.Given(choices, reason(answer));
  }

  private static List<Integer> places(List<String> lines, String label) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (isField(lines.get(i), label)) {
        places.add(i);
      }
    }
    return places;
  }

  private static boolean isField(String line, String label) {
    int colon = line.indexOf(':');
    return colon >= 0 && line.substring(0, colon).strip().equalsIgnoreCase(label);
  }

  /** What stands before the first field's line. */
  private String reason(String answer) {
    String first = fields.keySet().iterator().next();
    List<String> before = answer.lines().takeWhile(line -> !isField(line, first)).toList();
    return String.join("\n", before).strip();
  }

  /** The name that a field has in tables: {@code Valid task} is {@code valid_task}. */
  public static String question(String label) {
    return label.toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  /** The lines that a prompt shows as the form: {@code Better: left|right|neither}. */
  public String shown() {
    List<String> lines = new ArrayList<>();
    fields.forEach((label, choices) -> lines.add(label + ": " + String.join("|", choices)));
    return String.join("\n", lines);
  }
}
