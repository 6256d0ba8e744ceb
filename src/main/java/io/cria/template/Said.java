package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a message of the assistant says: what must be found in the text that is learnt.
 *
 * @param answer for others to read, without thinking and the white space that templates take off;
 *     may be empty
 * @param called the names of the tools it calls
 * @param calls whether it calls tools
 */
record Said(String answer, List<String> called, boolean calls) {
  private static final String END_OF_THINKING = "</think>";

  /**
   * @param spelling how texts of messages stand in rendered texts
   */
  static Said by(Map<String, ?> message, UnaryOperator<String> spelling) {
    boolean calls = message.get("tool_calls") instanceof List<?> list && !list.isEmpty();
    return new Said(
        spelling.apply(answer(message)), calledBy(message).stream().map(spelling).toList(), calls);
  }

  /** Whether a text has all of it. */
  boolean isIn(String text) {
    return text.contains(answer) && called.stream().allMatch(text::contains);
  }

  private static String answer(Map<String, ?> message) {
    StringBuilder said = new StringBuilder();
    if (message.get("content") instanceof String text) {
      said.append(text);
    } else if (message.get("content") instanceof List<?> parts) {
      for (Object part : parts) {
        if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
          said.append(text);
        }
      }
    }
    int thinking = said.lastIndexOf(END_OF_THINKING);
    String answer =
        thinking < 0 ? said.toString() : said.substring(thinking + END_OF_THINKING.length());
    return Strings.strip(answer, null, true, true);
  }

  private static List<String> calledBy(Map<String, ?> message) {
    List<String> names = new ArrayList<>();
    if (message.get("tool_calls") instanceof List<?> calls) {
      for (Object call : calls) {
        if (call instanceof Map<?, ?> map) {
          Object function = map.get("function") instanceof Map<?, ?> inner ? inner : map;
          if (function instanceof Map<?, ?> named && named.get("name") instanceof String name) {
            names.add(name);
          }
        }
      }
    }
    return names;
  }
}
