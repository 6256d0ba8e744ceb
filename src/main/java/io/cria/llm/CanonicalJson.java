package io.cria.llm;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
    return new String(bytes(value), StandardCharsets.UTF_8);
  }

  /** The UTF-8 bytes of {@link #text}. */
  public static byte[] bytes(@Nullable Object value) {
    JsonBytes out = new JsonBytes(1 << 12);
    write(value, out);
    return out.toArray();
  }

  private static void write(@Nullable Object value, JsonBytes out) {
    if (value == null) {
      out.ascii("null");
    } else if (value instanceof String s) {
      out.string(s);
    } else if (value instanceof Map<?, ?> map) {
      writeObject(map, out);
    } else if (value instanceof List<?> list) {
      char separator = '[';
      for (Object element : list) {
        out.put(separator);
        write(element, out);
        separator = ',';
      }
      out.ascii(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof Double d) {
      out.ascii(number(d));
    } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      out.ascii(value.toString());
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
  }

  private static void writeObject(Map<?, ?> map, JsonBytes out) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((name, member) -> sorted.put((String) name, member));
    char separator = '{';
    for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
      out.put(separator);
      out.string(member.getKey());
      out.put(':');
      write(member.getValue(), out);
      separator = ',';
    }
    out.ascii(sorted.isEmpty() ? "{}" : "}");
  }

  /** Below this, a scaled number is the only decimal of its length that a double can mean. */
  private static final double EXACT = 1L << 50;

  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  static String number(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number for " + value);
    }
    if (value == 0) {
      return "0";
    }
    // Both the integer and the power of ten are doubles without error, so that their quotient is
    // the double nearest to the decimal.
    for (int scale = 0; scale < POWERS_OF_TEN.length; scale++) {
      double unscaled = Math.rint(value * POWERS_OF_TEN[scale]);
      if (Math.abs(unscaled) >= EXACT) {
        break;
      }
      if (unscaled / POWERS_OF_TEN[scale] == value) {
        return BigDecimal.valueOf((long) unscaled, scale).toPlainString();
      }
    }
    return searched(value);
  }

  /**
   * Searched by precision, because Double.toString gives the shortest digits only from Java 19 on
   * and the spelling must not depend on the platform.
   */
  static String searched(double value) {
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
