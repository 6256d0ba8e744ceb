package io.cria.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all values share. A value is a {@link None}, {@link Undefined}, Boolean, Long or (beyond its
 * range) BigInteger, Double, String, List, {@link Tuple}, {@link Generator}, Map, {@link
 * Namespace}, {@link Loop} or {@link Callable}; it is never null.
 */
final class Values {
  private Values() {}

  /** A variable given from outside as a value. */
  static Object of(@Nullable Object given) {
    return of(given, 0);
  }

  private static Object of(@Nullable Object given, int depth) {
    Limits.depth(depth);
    if (given == null) {
      return None.NONE;
    }
    if (given instanceof String || given instanceof Boolean) {
      return given;
    }
    if (given instanceof Double || given instanceof Float) {
      return ((Number) given).doubleValue();
    }
    if (given instanceof BigInteger big) {
      return Numbers.whole(big);
    }
    if (given instanceof Long
        || given instanceof Integer
        || given instanceof Short
        || given instanceof Byte) {
      return ((Number) given).longValue();
    }
    if (given instanceof Map<?, ?> map) {
      Map<Object, Object> dict = new LinkedHashMap<>();
      map.forEach((key, value) -> dict.put(of(key, depth + 1), of(value, depth + 1)));
      return dict;
    }
    if (given instanceof Collection<?> collection) {
      List<Object> list = new ArrayList<>(collection.size());
      collection.forEach(element -> list.add(of(element, depth + 1)));
      return list;
    }
    throw new IllegalArgumentException("no value of a template: " + given.getClass().getName());
  }

  static boolean truth(Object value) {
    if (value == None.NONE || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof Collection<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    return true;
  }

  /** Python's name of the kind of value, for messages. */
  static String typeName(Object value) {
    if (value == None.NONE) {
      return "None";
    }
    if (value instanceof Undefined) {
      return "an undefined value";
    }
    if (value instanceof Boolean) {
      return "a boolean";
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return "an integer";
    }
    if (value instanceof Double) {
      return "a float";
    }
    if (value instanceof String) {
      return "a string";
    }
    if (value instanceof Map) {
      return "a dict";
    }
    if (value instanceof Tuple) {
      return "a tuple";
    }
    if (value instanceof List) {
      return "a list";
    }
    if (value instanceof Generator) {
      return "a generator";
    }
    if (value instanceof Namespace) {
      return "a namespace";
    }
    return value instanceof Loop ? "a loop" : "a function";
  }

  /** What a loop over the value goes through: a dict's keys, a string's characters. */
  static List<Object> elements(Object value) {
    if (value instanceof Undefined) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof Generator generator) {
      return generator.take();
    }
    if (value instanceof String text) {
      return Strings.characters(text);
    }
    throw new Fault(typeName(value) + " has no elements");
  }

  /** The string that the value must be. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    defined(value);
    throw new Fault("expected a string, got " + typeName(value));
  }

  static void defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof Collection<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new Fault(typeName(value) + " has no length");
  }
}
