package io.cria.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Python's operations on strings. */
final class Strings {
  private Strings() {}

  /** Python's white space, which has more members than Java's. */
  static boolean isSpace(int c) {
    return c == ' '
        || (c >= 0x09 && c <= 0x0d)
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  static boolean isBlank(String text) {
    return text.chars().allMatch(Strings::isSpace);
  }

  /** The text without the characters at its ends; null stands for white space. */
  static String strip(String text, @Nullable String characters, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && goes(text.codePointAt(start), characters)) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && goes(text.codePointBefore(end), characters)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static boolean goes(int c, @Nullable String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  static List<Object> characters(String text) {
    Limits.elements(text.length());
    List<Object> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  /** The parts between separators, at most {@code most} cuts, from the left; all where negative. */
  static List<Object> split(String text, String separator, int most) {
    needSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int from = 0;
    int found = text.indexOf(separator);
    while (found >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(text.substring(from, found));
      Limits.elements(parts.size());
      from = found + separator.length();
      found = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** As {@link #split}, with the cuts from the right. */
  static List<Object> splitFromRight(String text, String separator, int most) {
    needSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    int found = text.lastIndexOf(separator);
    while (found >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(text.substring(found + separator.length(), to));
      Limits.elements(parts.size());
      to = found;
      found = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
    }
    parts.add(text.substring(0, to));
    Collections.reverse(parts);
    return parts;
  }

  private static void needSeparator(String separator) {
    if (separator.isEmpty()) {
      throw new Fault("an empty separator");
    }
  }

  /** The words between white space; behind {@code most} cuts, the rest as it stands. */
  static List<Object> words(String text, int most) {
    List<Object> words = new ArrayList<>();
    String rest = strip(text, null, true, false);
    while (!rest.isEmpty()) {
      if (most >= 0 && words.size() == most) {
        words.add(rest);
        break;
      }
      int end = 0;
      while (end < rest.length() && !isSpace(rest.charAt(end))) {
        end++;
      }
      words.add(rest.substring(0, end));
      rest = strip(rest.substring(end), null, true, false);
    }
    return words;
  }

  /** As {@link #words}, with the cuts from the right. */
  static List<Object> wordsFromRight(String text, int most) {
    List<Object> words = words(text, -1);
    if (most < 0 || words.size() <= most) {
      return words;
    }
    String head = strip(text, null, false, true);
    for (int i = 0; i < most; i++) {
      String last = (String) words.get(words.size() - 1 - i);
      head = strip(head.substring(0, head.length() - last.length()), null, false, true);
    }
    List<Object> cut = new ArrayList<>();
    cut.add(head);
    cut.addAll(words.subList(words.size() - most, words.size()));
    return cut;
  }

  /** The lines at each of Python's line ends; a last end begins no line. */
  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      if (!isLineEnd(text.charAt(i))) {
        continue;
      }
      int end = text.startsWith("\r\n", i) ? i + 2 : i + 1;
      lines.add(text.substring(from, keepEnds ? end : i));
      Limits.elements(lines.size());
      from = end;
      i = end - 1;
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return (c >= 0x0a && c <= 0x0d)
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  /** The text with at most {@code most} occurrences replaced, all where negative. */
  static String replace(String text, String old, String with, int most) {
    Output output = new Output();
    int from = 0;
    int found = text.indexOf(old);
    for (int i = 0; found >= 0 && (most < 0 || i < most); i++) {
      output.append(text.substring(from, found)).append(with);
      from = found;
      if (old.isEmpty()) {
        // between characters, not inside a pair of surrogates
        if (from == text.length()) {
          return output.toString();
        }
        int next = text.offsetByCodePoints(from, 1);
        output.append(text.substring(from, next));
        from = next;
        found = next;
      } else {
        from += old.length();
        found = text.indexOf(old, from);
      }
    }
    return output.append(text.substring(from)).toString();
  }

  static long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
      count++;
    }
    return count;
  }

  static String join(String separator, List<String> parts) {
    Output output = new Output();
    for (int i = 0; i < parts.size(); i++) {
      output.append(i == 0 ? "" : separator).append(parts.get(i));
    }
    return output.toString();
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return titleCase(first) + lower(text.substring(Character.charCount(first)));
  }

  /** Each run of letters with case begins with a large one, as str.title has it. */
  static String title(String text) {
    Output output = new Output();
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      output.append(inside ? lower(Character.toString(c)) : titleCase(c));
      inside = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
    return output.toString();
  }

  private static String titleCase(int c) {
    String upper = upper(Character.toString(c));
    int simple = Character.toTitleCase(c);
    if (simple == c && upper.codePointCount(0, upper.length()) > 1) {
      // one letter that is several in capitals, of which only the first is large
      int first = upper.codePointAt(0);
      return Character.toString(first) + lower(upper.substring(Character.charCount(first)));
    }
    return Character.toString(simple);
  }

  /** Each word begins with a large letter, as Jinja's filter has it: words end at few signs. */
  static String titleWords(String text) {
    Output output = new Output();
    int from = 0;
    while (from < text.length()) {
      int to = text.offsetByCodePoints(from, 1);
      output.append(upper(text.substring(from, to)));
      boolean separator = separates(text.codePointAt(from));
      from = to;
      while (to < text.length() && separates(text.codePointAt(to)) == separator) {
        to = text.offsetByCodePoints(to, 1);
      }
      output.append(lower(text.substring(from, to)));
      from = to;
    }
    return output.toString();
  }

  private static boolean separates(int c) {
    return isSpace(c) || "-({[<".indexOf(c) >= 0;
  }
}
