package io.cria.template;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** Filters that make numbers. */
final class NumberFilters {
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?(?:inf(?:inity)?|nan|(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?)",
          Pattern.CASE_INSENSITIVE);
  private static final int LONGEST = 4300;

  private NumberFilters() {}

  static Object whole(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("int", "default", "base");
    Object otherwise = bound.or("default", 0L);
    int base = bound.integer("base", 10);
    if (value instanceof String text) {
      return whole(Strings.strip(text, null, true, true), base, otherwise);
    }
    if (value instanceof Double number) {
      return Double.isFinite(number) ? Numbers.truncated(number) : otherwise;
    }
    return Numbers.isWhole(value) ? Numbers.whole(Numbers.big(value)) : otherwise;
  }

  private static Object whole(String text, int base, Object otherwise) {
    if (base < Character.MIN_RADIX || base > Character.MAX_RADIX || text.length() > LONGEST) {
      return otherwise;
    }
    try {
      return Numbers.whole(new BigInteger(text, base));
    } catch (NumberFormatException notWhole) {
      Object number = number(text, None.NONE);
      return number instanceof Double value && Double.isFinite(value)
          ? Numbers.truncated(value)
          : otherwise;
    }
  }

  static Object decimal(Run run, Object value, Arguments arguments) {
    Object otherwise = arguments.bind("float", "default").or("default", 0.0);
    if (value instanceof String text) {
      return number(Strings.strip(text, null, true, true), otherwise);
    }
    return Numbers.isNumber(value) ? (Object) Numbers.decimal(value) : otherwise;
  }

  /** The float that a text is in Python; Java reads some more forms. */
  private static Object number(String text, Object otherwise) {
    if (text.length() > LONGEST || !FLOAT.matcher(text).matches()) {
      return otherwise;
    }
    String plain = Strings.lower(text);
    double sign = plain.startsWith("-") ? -1 : 1;
    if (plain.contains("inf")) {
      return sign * Double.POSITIVE_INFINITY;
    }
    return plain.contains("nan") ? (Object) Double.NaN : Double.valueOf(plain);
  }

  static Object round(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("round", "precision", "method");
    int precision = bound.integer("precision", 0);
    Object method = bound.or("method", "common");
    if (method.equals("common")) {
      return Numbers.rounded(value, precision);
    }
    if (!method.equals("ceil") && !method.equals("floor")) {
      throw new Fault("round's method is common, ceil or floor, not " + Text.repr(method));
    }
    return Numbers.rounded(value, precision, method.equals("ceil"));
  }
}
