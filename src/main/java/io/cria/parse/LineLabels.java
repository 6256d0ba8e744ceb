package io.cria.parse;

import io.cria.task.CriaException;
import io.cria.task.Labels;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Labels as models write them: at the beginning of a line, with a number before or behind it or
 * with none, the number's mark a dot or a bracket, digits, marks and colon also in full width,
 * perhaps between the asterisks of bold text. {@code 4. Input:}, {@code ４）Input：}, {@code **Input
 * 4:**}.
 */
final class LineLabels {
  /** White space within a line. */
  static final String GAP = "[ \\t\\xA0\\u3000]";

  /** What ends a number. */
  static final String MARK = "[.)\\uFF0E\\uFF09]";

  /** Either colon. */
  static final String COLONS = ":\uFF1A";

  private static final String BOLD = "(?:\\*\\*)?+";
  private static final String LINE = "^" + GAP + "*+(?:#{1,6}" + GAP + "*+)?+" + BOLD;
  private static final String NUMBER = "(" + PythonText.DIGIT + "++)" + GAP + "?+" + MARK;
  private static final String COLON =
      GAP + "*+" + BOLD + GAP + "*+[" + COLONS + "]" + BOLD + GAP + "*+";

  /** A line begins after a line feed, and after nothing else. */
  static final int FLAGS = Pattern.MULTILINE | Pattern.UNIX_LINES;

  private final Pattern pattern;

  private LineLabels(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * A label where it stands.
   *
   * @param start where its line begins
   * @param end where the text after it begins
   * @param number its number; -1 without one
   */
  record Found(int start, int end, long number) {
    boolean isNumbered() {
      return number >= 0;
    }
  }

  /** Any of {@code words}, with its colon. */
  static LineLabels of(List<String> words) {
    return new LineLabels(
        Pattern.compile(
            LINE
                + "(?:"
                + NUMBER
                + GAP
                + "*+)?+"
                + BOLD
                + any(words)
                + GAP
                + "*+("
                + PythonText.DIGIT
                + "*+)"
                + COLON,
            FLAGS));
  }

  /** The number of a list at the beginning of a line; a decimal number is none. */
  static LineLabels numbers() {
    return new LineLabels(
        Pattern.compile(
            LINE + NUMBER + "(?!" + PythonText.DIGIT + ")()" + BOLD + GAP + "*+", FLAGS));
  }

  /** The words, the longer first; a space in one stands for white space of any length. */
  static String any(List<String> words) {
    return words.stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .map(word -> Pattern.quote(word).replace(" ", "\\E" + GAP + "*+\\Q"))
        .collect(Collectors.joining("|", "(?:", ")"));
  }

  List<Found> in(String text) {
    List<Found> all = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      all.add(found(matcher));
    }
    return all;
  }

  /** The label that {@code text} begins with; null without one. */
  @Nullable Found at(String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.lookingAt() ? found(matcher) : null;
  }

  private static Found found(Matcher matcher) {
    // a possessive group may still hold what it took at an earlier place where the rest failed
    String before = matcher.start(1) < matcher.start() ? null : matcher.group(1);
    String behind = matcher.group(2);
    return new Found(
        matcher.start(),
        matcher.end(),
        before != null ? number(before) : behind == null ? -1 : number(behind));
  }

  /** The value of digits of any script; -1 without any. */
  private static long number(String digits) {
    long value = digits.isEmpty() ? -1 : 0;
    for (int i = 0; i < digits.length() && value < Integer.MAX_VALUE; ) {
      int digit = digits.codePointAt(i);
      value = 10 * value + Character.digit(digit, 10);
      i += Character.charCount(digit);
    }
    return value;
  }

  /**
   * The published programs read their own words only.
   *
   * @throws CriaException (bad input) where a recipe has others
   */
  static void requirePublished(String parser, Labels labels, String lenient) {
    Labels published = Labels.ENGLISH;
    boolean same =
        labels.instruction().equals(published.instruction())
            && labels.input().equals(published.input())
            && labels.output().equals(published.output())
            && labels.example().equals(published.example())
            && labels.classLabel().equals(published.classLabel())
            && labels.noInput().equals(published.noInput());
    if (!same) {
      throw CriaException.badInput(
          "the parser "
              + parser
              + " reads the published program's labels alone, and labels has others: use "
              + lenient);
    }
  }
}
