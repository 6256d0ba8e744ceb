package io.cria.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How Python prints values: {@code str} of what is printed, {@code repr} of what is inside. */
final class Text {
  private Text() {}

  static String of(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Undefined) {
      return "";
    }
    Output output = new Output();
    repr(value, output, new Walk());
    return output.toString();
  }

  static String repr(Object value) {
    Output output = new Output();
    repr(value, output, new Walk());
    return output.toString();
  }

  private static void repr(Object value, Output output, Walk walk) {
    walk.enter();
    if (value == None.NONE) {
      output.append("None");
    } else if (value instanceof Boolean truth) {
      output.append(truth ? "True" : "False");
    } else if (value instanceof String text) {
      quote(text, output);
    } else if (value instanceof Double number) {
      output.append(number(number));
    } else if (value instanceof Long || value instanceof BigInteger) {
      output.append(value.toString());
    } else if (value instanceof Tuple tuple) {
      elements(tuple, "(", tuple.size() == 1 ? ",)" : ")", output, walk);
    } else if (value instanceof List<?> list) {
      elements(list, "[", "]", output, walk);
    } else if (value instanceof Map<?, ?> map) {
      entries(map, output, walk);
    } else if (value instanceof Undefined) {
      output.append("Undefined");
    } else {
      throw new Fault(Values.typeName(value) + " cannot be printed");
    }
    walk.leave();
  }

  private static void elements(List<?> list, String begin, String end, Output output, Walk walk) {
    String separator = begin;
    for (Object element : list) {
      output.append(separator);
      repr(element, output, walk);
      separator = ", ";
    }
    output.append(list.isEmpty() ? begin + end : end);
  }

  private static void entries(Map<?, ?> map, Output output, Walk walk) {
    String separator = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      output.append(separator);
      repr(entry.getKey(), output, walk);
      output.append(": ");
      repr(entry.getValue(), output, walk);
      separator = ", ";
    }
    output.append(map.isEmpty() ? "{}" : "}");
  }

  private static void quote(String text, Output output) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    output.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                output.append('\\').appendCodePoint(c);
              } else if (c == '\n') {
                output.append("\\n");
              } else if (c == '\r') {
                output.append("\\r");
              } else if (c == '\t') {
                output.append("\\t");
              } else if (isPrintable(c)) {
                output.appendCodePoint(c);
              } else {
                output.append(escape(c));
              }
            });
    output.append(quote);
  }

  private static String escape(int c) {
    String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    return String.format(Locale.ROOT, form, c);
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** A float by the fewest digits that read back as it, plain from 1e-4 to below 1e16. */
  static String number(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    String sign = number < 0 || 1 / number < 0 ? "-" : "";
    if (number == 0) {
      return sign + "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(number)).stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return sign + (plain.contains(".") ? plain : plain + ".0");
    }
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    String size = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + size;
  }

  // Double.toString gives the shortest digits only from Java 19 on
  private static BigDecimal shortest(double number) {
    BigDecimal exact = new BigDecimal(number);
    for (int precision = 1; precision < 17; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == number) {
        return rounded;
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
  }
}
