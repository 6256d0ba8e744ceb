package io.cria.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arithmetic operators. */
enum Operator {
  ADD("+"),
  SUBTRACT("-"),
  MULTIPLY("*"),
  DIVIDE("/"),
  FLOOR_DIVIDE("//"),
  MODULO("%"),
  POWER("**");

  private final String symbol;

  Operator(String symbol) {
    this.symbol = symbol;
  }

  static @Nullable Operator of(String symbol) {
    for (Operator operator : values()) {
      if (operator.symbol.equals(symbol)) {
        return operator;
      }
    }
    return null;
  }

  Object apply(Object left, Object right) {
    Values.defined(left);
    Values.defined(right);
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      boolean whole = Numbers.isWhole(left) && Numbers.isWhole(right) && this != DIVIDE;
      return whole && !(this == POWER && Numbers.big(right).signum() < 0)
          ? Numbers.whole(whole(Numbers.big(left), Numbers.big(right)))
          : decimal(Numbers.decimal(left), Numbers.decimal(right));
    }
    if (this == ADD && left instanceof String first && right instanceof String second) {
      return new Output().append(first).append(second).toString();
    }
    if (this == ADD && left instanceof List<?> first && right instanceof List<?> second) {
      if (left instanceof Tuple == right instanceof Tuple) {
        return joined(first, second);
      }
    }
    if (this == MULTIPLY && Numbers.isWhole(right)) {
      return repeated(left, Numbers.index(right));
    }
    if (this == MULTIPLY && Numbers.isWhole(left)) {
      return repeated(right, Numbers.index(left));
    }
    throw unfit(left, right);
  }

  private BigInteger whole(BigInteger left, BigInteger right) {
    return switch (this) {
      case ADD -> left.add(right);
      case SUBTRACT -> left.subtract(right);
      case MULTIPLY -> left.multiply(right);
      case POWER -> power(left, right);
      default -> {
        BigInteger[] parts = left.divideAndRemainder(divisor(right));
        // Java cuts towards zero, Python goes down
        boolean down = parts[1].signum() != 0 && parts[1].signum() != right.signum();
        if (this == MODULO) {
          yield down ? parts[1].add(right) : parts[1];
        }
        yield down ? parts[0].subtract(BigInteger.ONE) : parts[0];
      }
    };
  }

  private static BigInteger power(BigInteger left, BigInteger right) {
    int exponent = Numbers.index(right.bitLength() < Long.SIZE ? right.longValue() : right);
    if (left.abs().bitLength() > 1) {
      Limits.bits((long) (left.bitLength() - 1) * exponent);
    }
    return left.pow(exponent);
  }

  private static BigInteger divisor(BigInteger right) {
    if (right.signum() == 0) {
      throw new Fault("division by zero");
    }
    return right;
  }

  private double decimal(double left, double right) {
    if (right == 0 && (this == DIVIDE || this == FLOOR_DIVIDE || this == MODULO)) {
      throw new Fault("division by zero");
    }
    return switch (this) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> left / right;
      case FLOOR_DIVIDE -> Math.floor((left - modulo(left, right)) / right + 0.5);
      case MODULO -> modulo(left, right);
      case POWER -> Math.pow(left, right);
    };
  }

  /** The remainder with the sign of the divisor. */
  private static double modulo(double left, double right) {
    double rest = left % right;
    if (rest == 0) {
      return Math.copySign(0.0, right);
    }
    return rest < 0 == right < 0 ? rest : rest + right;
  }

  private static Object joined(List<?> first, List<?> second) {
    Limits.elements((long) first.size() + second.size());
    List<Object> all = new ArrayList<>(first);
    all.addAll(second);
    return first instanceof Tuple ? new Tuple(all) : all;
  }

  private Object repeated(Object value, int times) {
    if (value instanceof String text) {
      return new Output().repeat(text, times).toString();
    }
    if (!(value instanceof List<?> list)) {
      throw unfit(value, (long) times);
    }
    Limits.elements((long) list.size() * Math.max(0, times));
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < times && !list.isEmpty(); i++) {
      all.addAll(list);
    }
    return value instanceof Tuple ? new Tuple(all) : all;
  }

  private Fault unfit(Object left, Object right) {
    return new Fault(
        "'" + symbol + "' is not for " + Values.typeName(left) + " and " + Values.typeName(right));
  }
}
