package io.cria.llm;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON with exactly one spelling for a value, after RFC 8785: no white space; members sorted by the
 * UTF-16 units of their names; in strings only {@code "}, {@code \} and the controls below U+0020
 * escaped (by {@code \b \t \n \f \r} or {@code \}{@code u} with four lower-case hexadecimal
 * digits), and likewise a surrogate without its partner, so that any Java string survives UTF-8;
 * integers in decimal; other numbers as the shortest plain decimal that reads back as the same
 * double, without exponent, without a fraction where it is zero (1.0 is {@code 1}). The last point
 * leaves RFC 8785 only below 1e-6 and from 1e21 on, where that writes an exponent.
 *
 * <p>Values: {@code Map<String, ?>}, {@code List<?>}, {@link String}, {@link Integer}, {@link
 * Long}, {@link Double}, {@link Boolean} and null.
 */
public final class CanonicalJson {
  private CanonicalJson() {}

  /** The text of {@code value}. */
  public static String text(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  /** The UTF-8 bytes of {@link #text}. */
  public static byte[] bytes(@Nullable Object value) {
    return text(value).getBytes(StandardCharsets.UTF_8);
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof String s) {
      writeString(s, out);
    } else if (value instanceof Map<?, ?> map) {
      writeObject(map, out);
    } else if (value instanceof List<?> list) {
      char separator = '[';
      for (Object element : list) {
        out.append(separator);
        write(element, out);
        separator = ',';
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof Double d) {
      out.append(number(d));
    } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      out.append(value);
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
  }

  private static void writeObject(Map<?, ?> map, StringBuilder out) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((name, member) -> sorted.put((String) name, member));
    char separator = '{';
    for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
      out.append(separator);
      writeString(member.getKey(), out);
      out.append(':');
      write(member.getValue(), out);
      separator = ',';
    }
    out.append(sorted.isEmpty() ? "{}" : "}");
  }

  private static void writeString(String s, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\t' -> out.append("\\t");
        case '\n' -> out.append("\\n");
        case '\f' -> out.append("\\f");
        case '\r' -> out.append("\\r");
        default -> {
          if (Character.isHighSurrogate(c)
              && i + 1 < s.length()
              && Character.isLowSurrogate(s.charAt(i + 1))) {
            out.append(c).append(s.charAt(++i));
          } else if (c < 0x20 || Character.isSurrogate(c)) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /**
   * Searched by precision, because Double.toString gives the shortest digits only from Java 19 on
   * and the spelling must not depend on the platform.
   */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number for " + value);
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= 17; digits++) {
      shortest = exact.round(new MathContext(digits));
      if (shortest.doubleValue() == value) {
        break;
      }
    }
    BigDecimal stripped = shortest.stripTrailingZeros();
    return stripped.toPlainString();
  }
}
