package io.cria.template;

import org.jspecify.annotations.Nullable;

/** The comparing operators. */
enum Comparator {
  EQUAL("=="),
  UNEQUAL("!="),
  LESS("<"),
  AT_MOST("<="),
  GREATER(">"),
  AT_LEAST(">="),
  IN("in"),
  NOT_IN("not in");

  private final String symbol;

  Comparator(String symbol) {
    this.symbol = symbol;
  }

  static @Nullable Comparator of(String symbol) {
    for (Comparator comparator : values()) {
      if (comparator.symbol.equals(symbol)) {
        return comparator;
      }
    }
    return null;
  }

  boolean holds(Object left, Object right) {
    return switch (this) {
      case EQUAL -> Comparison.equal(left, right);
      case UNEQUAL -> !Comparison.equal(left, right);
      case LESS -> Comparison.less(left, right);
      case AT_MOST -> Comparison.atMost(left, right);
      case GREATER -> Comparison.less(right, left);
      case AT_LEAST -> Comparison.atMost(right, left);
      case IN -> Comparison.contains(right, left);
      case NOT_IN -> !Comparison.contains(right, left);
    };
  }
}
