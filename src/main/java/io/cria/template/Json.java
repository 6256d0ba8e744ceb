package io.cria.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * JSON as Python's json.dumps writes it.
 *
 * @param indent what one level is indented by; negative for all on one line
 */
record Json(
    boolean asciiOnly, int indent, String itemSeparator, String keySeparator, boolean sortKeys) {

  String write(Object value) {
    Output output = new Output();
    write(value, output, new Walk(), 0);
    return output.toString();
  }

  private void write(Object value, Output output, Walk walk, int level) {
    walk.enter();
    if (value instanceof String text) {
      quote(text, output);
    } else if (value instanceof List<?> list) {
      list(list, output, walk, level);
    } else if (value instanceof Map<?, ?> map) {
      dict(map, output, walk, level);
    } else {
      output.append(scalar(value));
    }
    walk.leave();
  }

  private static String scalar(Object value) {
    if (value == None.NONE) {
      return "null";
    }
    if (value instanceof Boolean || value instanceof Long || value instanceof BigInteger) {
      return value.toString();
    }
    if (value instanceof Double number) {
      return Double.isNaN(number) ? "NaN" : Text.number(number).replace("inf", "Infinity");
    }
    throw new Fault(Values.typeName(value) + " cannot be written as JSON");
  }

  private void list(List<?> list, Output output, Walk walk, int level) {
    if (list.isEmpty()) {
      output.append("[]");
      return;
    }
    output.append('[');
    boolean first = true;
    for (Object element : list) {
      output.append(first ? "" : itemSeparator);
      first = false;
      line(output, level + 1);
      write(element, output, walk, level + 1);
    }
    line(output, level);
    output.append(']');
  }

  private void dict(Map<?, ?> map, Output output, Walk walk, int level) {
    if (map.isEmpty()) {
      output.append("{}");
      return;
    }
    List<Object> keys = new ArrayList<>(map.keySet());
    if (sortKeys) {
      keys.sort(Comparison::order);
    }
    output.append('{');
    boolean first = true;
    for (Object key : keys) {
      output.append(first ? "" : itemSeparator);
      first = false;
      line(output, level + 1);
      quote(key instanceof String text ? text : scalar(key), output);
      output.append(keySeparator);
      write(Access.item(map, key), output, walk, level + 1);
    }
    line(output, level);
    output.append('}');
  }

  private void line(Output output, int level) {
    if (indent >= 0) {
      output.append('\n').repeat(" ", (long) indent * level);
    }
  }

  private void quote(String text, Output output) {
    output.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> output.append("\\\"");
        case '\\' -> output.append("\\\\");
        case '\n' -> output.append("\\n");
        case '\r' -> output.append("\\r");
        case '\t' -> output.append("\\t");
        case '\b' -> output.append("\\b");
        case '\f' -> output.append("\\f");
        default -> {
          if (c < ' ' || (asciiOnly && c > '~')) {
            output.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            output.append(c);
          }
        }
      }
    }
    output.append('"');
  }
}
