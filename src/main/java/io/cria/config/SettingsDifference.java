package io.cria.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first key in which two values of a setting differ, as a user wrote it in the run file.
 *
 * @param key dotted, below {@code training}
 * @param before its value then; {@code absent} without one
 * @param now its value now; {@code absent} without one
 */
public record SettingsDifference(String key, String before, String now) {
  /** A section is kept as the text of its record. */
  private static final Pattern SECTION = Pattern.compile("\\w+\\[(.*)]");

  private static final String ABSENT = "absent";

  /**
   * Compares two values as a training's identity has them, which are not equal.
   *
   * @param key the setting's
   */
  public static SettingsDifference of(String key, String before, String now) {
    Map<String, String> then = keys(before);
    Map<String, String> here = keys(now);
    if (then.isEmpty() || here.isEmpty()) {
      return new SettingsDifference(key, value(before), value(now));
    }
    TreeSet<String> all = new TreeSet<>(then.keySet());
    all.addAll(here.keySet());
    return all.stream()
        .filter(inner -> !then.getOrDefault(inner, "").equals(here.getOrDefault(inner, "")))
        .findFirst()
        .map(
            inner ->
                of(
                    key + "." + inner,
                    then.getOrDefault(inner, ABSENT),
                    here.getOrDefault(inner, ABSENT)))
        .orElseGet(() -> new SettingsDifference(key, before, now));
  }

  private static String value(String text) {
    return text.isEmpty() || text.equals("null") ? ABSENT : text;
  }

  /** The keys of a section; none where the text is no section. */
  private static Map<String, String> keys(String text) {
    Map<String, String> keys = new LinkedHashMap<>();
    Matcher section = SECTION.matcher(text);
    if (!section.matches()) {
      return keys;
    }
    String inner = section.group(1);
    int depth = 0;
    int begin = 0;
    for (int i = 0; i <= inner.length(); i++) {
      char c = i == inner.length() ? ',' : inner.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ',' && depth == 0) {
        String pair = inner.substring(begin, i).strip();
        int equals = pair.indexOf('=');
        if (equals > 0) {
          keys.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        begin = i + 1;
      }
    }
    return keys;
  }
}
