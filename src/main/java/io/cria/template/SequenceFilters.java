package io.cria.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters of lists and other values with elements. */
final class SequenceFilters {
  private SequenceFilters() {}

  static Object first(Object value) {
    List<Object> elements = Values.elements(value);
    return elements.isEmpty()
        ? new Undefined("an empty sequence has no first item")
        : elements.get(0);
  }

  static Object last(Object value) {
    List<Object> elements = Values.elements(value);
    return elements.isEmpty()
        ? new Undefined("an empty sequence has no last item")
        : elements.get(elements.size() - 1);
  }

  static Object reverse(Object value) {
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> elements = Values.elements(value);
    List<Object> reversed = new ArrayList<>(elements);
    Collections.reverse(reversed);
    return new Generator(reversed);
  }

  static Object items(Object value) {
    if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    if (value instanceof Map<?, ?> map) {
      return new Generator(ContainerMethods.items(map));
    }
    throw new Fault("items needs a dict, not " + Values.typeName(value));
  }

  static Object sort(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
    UnaryOperator<Object> key = key(bound);
    return sorted(Values.elements(value), key, bound.flag("reverse"));
  }

  static Object dictSort(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
    Object by = bound.or("by", "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw new Fault("dictsort goes by key or value, not " + Text.repr(by));
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new Fault("dictsort needs a dict, not " + Values.typeName(value));
    }
    boolean cased = bound.flag("case_sensitive");
    Object place = by.equals("key") ? 0L : 1L;
    UnaryOperator<Object> key = item -> folded(Access.item(item, place), cased);
    return sorted(ContainerMethods.items(map), key, bound.flag("reverse"));
  }

  private static List<Object> sorted(
      List<Object> elements, UnaryOperator<Object> key, boolean reverse) {
    java.util.Comparator<Object> order =
        (left, right) -> Comparison.order(key.apply(left), key.apply(right));
    List<Object> sorted = new ArrayList<>(elements);
    sorted.sort(reverse ? order.reversed() : order);
    return sorted;
  }

  /** What elements are compared by: themselves or an attribute, small letters unless asked. */
  private static UnaryOperator<Object> key(Arguments.Bound bound) {
    Object attribute = bound.or("attribute", None.NONE);
    boolean cased = bound.flag("case_sensitive");
    return element -> folded(by(element, attribute), cased);
  }

  private static Object by(Object element, Object attribute) {
    return attribute == None.NONE ? element : Access.path(element, attribute);
  }

  private static Object folded(Object value, boolean cased) {
    return !cased && value instanceof String text ? Strings.lower(text) : value;
  }

  static Object unique(Run run, Object value, Arguments arguments) {
    UnaryOperator<Object> key = key(arguments.bind("unique", "case_sensitive", "attribute"));
    Map<Object, Object> seen = new HashMap<>();
    List<Object> unique = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      Object seenBy = key.apply(element);
      if (!Dicts.contains(seen, seenBy)) {
        Dicts.put(seen, seenBy, element);
        unique.add(element);
      }
    }
    return new Generator(unique);
  }

  static Object min(Run run, Object value, Arguments arguments) {
    return extreme(value, arguments.bind("min", "case_sensitive", "attribute"), -1);
  }

  static Object max(Run run, Object value, Arguments arguments) {
    return extreme(value, arguments.bind("max", "case_sensitive", "attribute"), 1);
  }

  private static Object extreme(Object value, Arguments.Bound bound, int sign) {
    List<Object> elements = Values.elements(value);
    if (elements.isEmpty()) {
      return new Undefined("an empty sequence has no extreme item");
    }
    UnaryOperator<Object> key = key(bound);
    Object best = elements.get(0);
    for (Object element : elements) {
      if (sign * Comparison.order(key.apply(element), key.apply(best)) > 0) {
        best = element;
      }
    }
    return best;
  }

  static Object sum(Run run, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("sum", "attribute", "start");
    Object attribute = bound.or("attribute", None.NONE);
    Object sum = bound.or("start", 0L);
    for (Object element : Values.elements(value)) {
      sum = Operator.ADD.apply(sum, by(element, attribute));
    }
    return sum;
  }

  /** A filter, or with {@code attribute=} an attribute, of each element. */
  static Object map(Run run, Object value, Arguments arguments) {
    List<Object> mapped = new ArrayList<>();
    if (arguments.positional().isEmpty()) {
      Arguments.Bound bound = arguments.bind("map", "attribute", "default");
      Object attribute = bound.need("attribute");
      for (Object element : Values.elements(value)) {
        Object found = Access.path(element, attribute);
        mapped.add(found instanceof Undefined ? bound.or("default", found) : found);
      }
      return new Generator(mapped);
    }
    Filter filter = Filters.need(Values.text(arguments.positional().get(0)));
    for (Object element : Values.elements(value)) {
      run.made(element);
      mapped.add(filter.apply(run, element, arguments.rest()));
    }
    return new Generator(mapped);
  }

  static Object select(Run run, Object value, Arguments arguments) {
    return kept(value, test(arguments));
  }

  static Object reject(Run run, Object value, Arguments arguments) {
    return kept(value, test(arguments).negate());
  }

  static Object selectByAttribute(Run run, Object value, Arguments arguments) {
    return kept(value, attributeTest(arguments));
  }

  static Object rejectByAttribute(Run run, Object value, Arguments arguments) {
    return kept(value, attributeTest(arguments).negate());
  }

  private static Predicate<Object> attributeTest(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw new Fault("selectattr and rejectattr need an attribute");
    }
    Object attribute = arguments.positional().get(0);
    Predicate<Object> test = test(arguments.rest());
    return element -> test.test(Access.path(element, attribute));
  }

  /** The test that the first argument names, with the others; without one, truth. */
  private static Predicate<Object> test(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      return Values::truth;
    }
    ValueTest test = ValueTests.need(Values.text(arguments.positional().get(0)));
    Arguments rest = arguments.rest();
    return element -> test.holds(element, rest);
  }

  private static Generator kept(Object value, Predicate<Object> condition) {
    List<Object> kept = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      if (condition.test(element)) {
        kept.add(element);
      }
    }
    return new Generator(kept);
  }
}
