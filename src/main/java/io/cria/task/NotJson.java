package io.cria.task;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What people take for JSON, told by the parser's message. */
public final class NotJson {
  /** As Jackson tells of a word that is no value. */
  private static final Pattern WORD =
      Pattern.compile("(?:Non-standard|Unrecognized) token '([^']*)'");

  private static final String NUMBERS =
      " is no value of JSON, though pandas and Python write it: put null in its place (Python's"
          + " json.dumps finds such values with allow_nan=False)";
  private static final String PYTHON =
      " is Python's: write the record with json.dumps, or make it null, true or false";

  private static final Map<String, String> REMEDIES =
      Map.of(
          "NaN", NUMBERS,
          "Infinity", NUMBERS,
          "-Infinity", NUMBERS,
          "INF", NUMBERS,
          "-INF", NUMBERS,
          "None", PYTHON,
          "True", PYTHON,
          "False", PYTHON);

  private NotJson() {}

  /**
   * What is wrong and what to do, where the parser met a word that other programs write as a value.
   *
   * @param message of the parser
   */
  public static Optional<String> why(String message) {
    Matcher word = WORD.matcher(message);
    return word.find() && REMEDIES.containsKey(word.group(1))
        ? Optional.of(word.group(1) + REMEDIES.get(word.group(1)))
        : Optional.empty();
  }
}
