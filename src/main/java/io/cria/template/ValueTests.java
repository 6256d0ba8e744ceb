package io.cria.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All tests by name. */
final class ValueTests {
  private static final Map<String, ValueTest> BY_NAME = new HashMap<>();

  static {
    plain("defined", value -> !(value instanceof Undefined));
    plain("undefined", value -> value instanceof Undefined);
    plain("none", value -> value == None.NONE);
    plain("boolean", value -> value instanceof Boolean);
    plain("true", value -> value.equals(true));
    plain("false", value -> value.equals(false));
    plain("integer", value -> Numbers.isWhole(value) && !(value instanceof Boolean));
    plain("float", value -> value instanceof Double);
    plain("number", Numbers::isNumber);
    plain("string", value -> value instanceof String);
    plain("mapping", value -> value instanceof Map);
    plain("sequence", ValueTests::hasElements);
    plain("iterable", value -> value instanceof Generator || hasElements(value));
    plain("callable", value -> value instanceof Callable);
    plain("lower", value -> isLower(Text.of(value)));
    plain("upper", value -> isUpper(Text.of(value)));
    plain("odd", value -> remainder(value, 2L, 1L));
    plain("even", value -> remainder(value, 2L, 0L));
    binary("divisibleby", (value, other) -> remainder(value, other, 0L));
    binary("sameas", ValueTests::same);
    comparing(Comparator.EQUAL, "==", "eq", "equalto");
    comparing(Comparator.UNEQUAL, "!=", "ne");
    comparing(Comparator.LESS, "<", "lt", "lessthan");
    comparing(Comparator.AT_MOST, "<=", "le");
    comparing(Comparator.GREATER, ">", "gt", "greaterthan");
    comparing(Comparator.AT_LEAST, ">=", "ge");
    comparing(Comparator.IN, "in");
  }

  private ValueTests() {}

  static @Nullable ValueTest find(String name) {
    return BY_NAME.get(name);
  }

  /** The names of all tests. */
  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** The test of that name, which is known only when rendering. */
  static ValueTest need(String name) {
    ValueTest test = BY_NAME.get(name);
    if (test == null) {
      throw new Fault("test '" + name + "' is not supported");
    }
    return test;
  }

  @FunctionalInterface
  private interface OfOne {
    boolean holds(Object value);
  }

  @FunctionalInterface
  private interface OfTwo {
    boolean holds(Object value, Object other);
  }

  private static void plain(String name, OfOne test) {
    BY_NAME.put(
        name,
        (value, arguments) -> {
          arguments.bind(name);
          return test.holds(value);
        });
  }

  private static void binary(String name, OfTwo test) {
    BY_NAME.put(
        name, (value, arguments) -> test.holds(value, arguments.bind(name, "other").need("other")));
  }

  private static void comparing(Comparator comparator, String... names) {
    for (String name : names) {
      binary(name, comparator::holds);
    }
  }

  private static boolean hasElements(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean remainder(Object value, Object divisor, Object rest) {
    return Comparison.equal(Operator.MODULO.apply(value, divisor), rest);
  }

  /** Identity, which small values have by being equal. */
  private static boolean same(Object value, Object other) {
    boolean small = value instanceof Boolean || value instanceof String || value instanceof Long;
    return value == other || (small && value.equals(other));
  }

  private static boolean isLower(String text) {
    return text.equals(Strings.lower(text)) && !text.equals(Strings.upper(text));
  }

  private static boolean isUpper(String text) {
    return text.equals(Strings.upper(text)) && !text.equals(Strings.lower(text));
  }
}
