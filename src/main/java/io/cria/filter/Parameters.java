package io.cria.filter;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A filter's parameters as they stand in the run file, read with their types.
 *
 * @param filter the filter's name, for messages
 * @param values as read from YAML
 */
record Parameters(String filter, Map<String, Object> values) {
  void allow(String... known) {
    for (String name : new TreeSet<>(values.keySet())) {
      if (!List.of(known).contains(name)) {
        throw CriaException.badInput(
            "unknown parameter \""
                + name
                + "\" of filter "
                + filter
                + ": "
                + (known.length == 0 ? "it takes none" : "use " + String.join(" or ", known)));
      }
    }
  }

  int count(String name, int ifAbsent) {
    Object value = values.getOrDefault(name, ifAbsent);
    if (value instanceof Integer number && number >= 0) {
      return number;
    }
    throw wrong(name, value, "a whole number from 0");
  }

  double share(String name, double ifAbsent) {
    Object value = values.getOrDefault(name, ifAbsent);
    if (value instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= 1) {
      return number.doubleValue();
    }
    throw wrong(name, value, "a number from 0 to 1");
  }

  boolean flag(String name, boolean ifAbsent) {
    Object value = values.getOrDefault(name, ifAbsent);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(name, value, "true or false");
  }

  String text(String name, String ifAbsent) {
    Object value = values.getOrDefault(name, ifAbsent);
    if (value instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw wrong(name, value, "a text");
  }

  /** A text that may be empty where it is not given. */
  String textOr(String name, String ifAbsent) {
    return values.containsKey(name) ? text(name, ifAbsent) : ifAbsent;
  }

  List<String> texts(String name, List<String> ifAbsent) {
    return values.containsKey(name) ? texts(name) : ifAbsent;
  }

  /** A list that must be given. */
  List<String> texts(String name) {
    Object value = values.getOrDefault(name, "nothing");
    if (!(value instanceof List<?> list)) {
      throw wrong(name, value, "a list of texts");
    }
    List<String> texts = new ArrayList<>();
    for (Object each : list) {
      if (!(each instanceof String text) || text.isEmpty()) {
        throw wrong(name, value, "a list of texts, none of them empty");
      }
      texts.add(text);
    }
    return texts;
  }

  private CriaException wrong(String name, Object value, String wanted) {
    return CriaException.badInput(
        "parameter \"" + name + "\" of filter " + filter + " is " + value + ": give " + wanted);
  }
}
