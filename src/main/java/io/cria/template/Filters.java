package io.cria.template;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All filters by name. */
final class Filters {
  private static final Map<String, Filter> BY_NAME =
      Map.ofEntries(
          Map.entry("abs", plain("abs", Numbers::absolute)),
          Map.entry("attr", (run, value, arguments) -> attribute(value, arguments)),
          Map.entry("capitalize", text("capitalize", Strings::capitalize)),
          Map.entry("count", plain("count", Values::length)),
          Map.entry("d", (run, value, arguments) -> orDefault(value, arguments)),
          Map.entry("default", (run, value, arguments) -> orDefault(value, arguments)),
          Map.entry("dictsort", SequenceFilters::dictSort),
          Map.entry("first", plain("first", SequenceFilters::first)),
          Map.entry("float", NumberFilters::decimal),
          Map.entry("indent", TextFilters::indent),
          Map.entry("int", NumberFilters::whole),
          Map.entry("items", plain("items", SequenceFilters::items)),
          Map.entry("join", TextFilters::join),
          Map.entry("last", plain("last", SequenceFilters::last)),
          Map.entry("length", plain("length", Values::length)),
          Map.entry("list", plain("list", Values::elements)),
          Map.entry("lower", text("lower", Strings::lower)),
          Map.entry("map", SequenceFilters::map),
          Map.entry("max", SequenceFilters::max),
          Map.entry("min", SequenceFilters::min),
          Map.entry("reject", SequenceFilters::reject),
          Map.entry("rejectattr", SequenceFilters::rejectByAttribute),
          Map.entry("replace", TextFilters::replace),
          Map.entry("reverse", plain("reverse", SequenceFilters::reverse)),
          Map.entry("round", NumberFilters::round),
          Map.entry("safe", text("safe", text -> text)),
          Map.entry("select", SequenceFilters::select),
          Map.entry("selectattr", SequenceFilters::selectByAttribute),
          Map.entry("sort", SequenceFilters::sort),
          Map.entry("string", text("string", text -> text)),
          Map.entry("sum", SequenceFilters::sum),
          Map.entry("title", text("title", Strings::titleWords)),
          Map.entry("tojson", TextFilters::toJson),
          Map.entry("trim", TextFilters::trim),
          Map.entry("unique", SequenceFilters::unique),
          Map.entry("upper", text("upper", Strings::upper)));

  private Filters() {}

  static @Nullable Filter find(String name) {
    return BY_NAME.get(name);
  }

  /** The names of all filters. */
  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** The filter of that name, which is known only when rendering. */
  static Filter need(String name) {
    Filter filter = BY_NAME.get(name);
    if (filter == null) {
      throw new Fault("filter '" + name + "' is not supported");
    }
    return filter;
  }

  @FunctionalInterface
  private interface OfValue {
    Object apply(Object value);
  }

  @FunctionalInterface
  private interface OfText {
    String apply(String text);
  }

  /** A filter without arguments. */
  private static Filter plain(String name, OfValue function) {
    return (run, value, arguments) -> {
      arguments.bind(name);
      return function.apply(value);
    };
  }

  /** A filter without arguments of what the value prints as. */
  private static Filter text(String name, OfText function) {
    return plain(name, value -> function.apply(Text.of(value)));
  }

  private static Object attribute(Object value, Arguments arguments) {
    Object name = arguments.bind("attr", "name").need("name");
    // unlike the dot, this filter never looks at the items of a dict
    Object found = value instanceof Map ? null : Access.attribute(value, Values.text(name));
    return found != null ? found : new Undefined("a dict has no attribute " + Text.repr(name));
  }

  private static Object orDefault(Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("default", "default_value", "boolean");
    boolean missing = value instanceof Undefined || (bound.flag("boolean") && !Values.truth(value));
    return missing ? bound.or("default_value", "") : value;
  }
}
