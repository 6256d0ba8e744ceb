package io.cria.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Python's numbers: integers of any size, floats, and booleans that count as 0 and 1. */
final class Numbers {
  private Numbers() {}

  static Object whole(BigInteger value) {
    Limits.bits(value.bitLength());
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  static boolean isWhole(Object value) {
    return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
  }

  static boolean isNumber(Object value) {
    return value instanceof Double || isWhole(value);
  }

  static BigInteger big(Object whole) {
    if (whole instanceof Boolean truth) {
      return truth ? BigInteger.ONE : BigInteger.ZERO;
    }
    return whole instanceof BigInteger big ? big : BigInteger.valueOf((Long) whole);
  }

  static double decimal(Object number) {
    if (number instanceof Double value) {
      return value;
    }
    double value = big(number).doubleValue();
    if (Double.isInfinite(value)) {
      throw new Fault("an integer too large for a float");
    }
    return value;
  }

  /** An index, count or width, cut to what an int holds. */
  static int index(Object value) {
    Values.defined(value);
    if (!isWhole(value)) {
      throw new Fault("expected an integer, got " + Values.typeName(value));
    }
    BigInteger big = big(value);
    if (big.bitLength() < Integer.SIZE) {
      return big.intValue();
    }
    return big.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
  }

  static Object signed(boolean negative, Object value) {
    Values.defined(value);
    if (value instanceof Double number) {
      return negative ? (Object) (-number) : number;
    }
    if (!isWhole(value)) {
      throw new Fault(Values.typeName(value) + " has no sign");
    }
    return whole(negative ? big(value).negate() : big(value));
  }

  static Object absolute(Object value) {
    if (value instanceof Double number) {
      return Math.abs(number);
    }
    boolean negative = isWhole(value) && big(value).signum() < 0;
    return signed(negative, value);
  }

  /** Rounds as Python's round, to the even neighbour where the exact value stands in the middle. */
  static Object rounded(Object value, int precision) {
    if (isWhole(value) && precision >= 0) {
      return whole(big(value));
    }
    double number = finite(value);
    return Double.isFinite(number)
        ? new BigDecimal(number).setScale(places(precision), RoundingMode.HALF_EVEN).doubleValue()
        : (Object) number;
  }

  /** Rounds up or down as a float. */
  static Object rounded(Object value, int precision, boolean up) {
    double scale = Math.pow(10, places(precision));
    double scaled = finite(value) * scale;
    return (up ? Math.ceil(scaled) : Math.floor(scaled)) / scale;
  }

  private static int places(int precision) {
    return Math.max(-400, Math.min(400, precision));
  }

  private static double finite(Object value) {
    Values.defined(value);
    if (!isNumber(value)) {
      throw new Fault("expected a number, got " + Values.typeName(value));
    }
    return decimal(value);
  }

  /** A float's whole part. */
  static Object truncated(double value) {
    if (!Double.isFinite(value)) {
      throw new Fault(Text.number(value) + " has no whole part");
    }
    return whole(new BigDecimal(value).toBigInteger());
  }
}
