package io.cria.template;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Python's equality, order and membership. */
final class Comparison {
  private Comparison() {}

  static boolean equal(Object left, Object right) {
    return equal(left, right, new Walk());
  }

  private static boolean equal(Object left, Object right, Walk walk) {
    walk.enter();
    boolean equal = same(left, right, walk);
    walk.leave();
    return equal;
  }

  private static boolean same(Object left, Object right, Walk walk) {
    if (left instanceof Undefined || right instanceof Undefined) {
      return left instanceof Undefined && right instanceof Undefined;
    }
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return !isNan(left) && !isNan(right) && order(left, right) == 0;
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      if (first.size() != second.size() || left instanceof Tuple != right instanceof Tuple) {
        return false;
      }
      for (int i = 0; i < first.size(); i++) {
        if (!equal(first.get(i), second.get(i), walk)) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Map<?, ?> first && right instanceof Map<?, ?> second) {
      if (first.size() != second.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : first.entrySet()) {
        Object other = Dicts.get(second, entry.getKey());
        if (other == null || !equal(entry.getValue(), other, walk)) {
          return false;
        }
      }
      return true;
    }
    return Objects.equals(left, right);
  }

  static boolean less(Object left, Object right) {
    return !isNan(left) && !isNan(right) && order(left, right) < 0;
  }

  static boolean atMost(Object left, Object right) {
    return !isNan(left) && !isNan(right) && order(left, right) <= 0;
  }

  private static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  /** The order of numbers, strings (by code points), lists and tuples. */
  static int order(Object left, Object right) {
    return order(left, right, new Walk());
  }

  private static int order(Object left, Object right, Walk walk) {
    walk.enter();
    Values.defined(left);
    Values.defined(right);
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return numbers(left, right);
    }
    if (left instanceof String first && right instanceof String second) {
      return Arrays.compare(first.codePoints().toArray(), second.codePoints().toArray());
    }
    if (left instanceof List<?> first
        && right instanceof List<?> second
        && left instanceof Tuple == right instanceof Tuple) {
      for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
        if (!equal(first.get(i), second.get(i), walk)) {
          return order(first.get(i), second.get(i), walk);
        }
      }
      return Integer.compare(first.size(), second.size());
    }
    throw new Fault(Values.typeName(left) + " and " + Values.typeName(right) + " have no order");
  }

  private static int numbers(Object left, Object right) {
    if (Numbers.isWhole(left) && Numbers.isWhole(right)) {
      return Numbers.big(left).compareTo(Numbers.big(right));
    }
    if (left instanceof Double first && right instanceof Double second) {
      // sorting needs an order of all, so what is no number comes last
      return first < second
          ? -1
          : first > second ? 1 : Boolean.compare(first.isNaN(), second.isNaN());
    }
    if (left instanceof Double first) {
      return first.isInfinite() || first.isNaN()
          ? first.compareTo(0.0)
          : new BigDecimal(first).compareTo(new BigDecimal(Numbers.big(right)));
    }
    return -numbers(right, left);
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      return text.contains(Values.text(value));
    }
    if (container instanceof Map<?, ?> map) {
      return Dicts.contains(map, value);
    }
    for (Object element : Values.elements(container)) {
      if (equal(element, value)) {
        return true;
      }
    }
    return false;
  }
}
