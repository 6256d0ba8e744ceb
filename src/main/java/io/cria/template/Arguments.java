package io.cria.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of one call's arguments, by place and by name. */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  static Arguments of(Object... positional) {
    return new Arguments(List.of(positional), Map.of());
  }

  /** These arguments without the first by place. */
  Arguments rest() {
    return new Arguments(positional.subList(1, positional.size()), named);
  }

  /** Gives each argument the name of its parameter; too many or unknown ones are faults. */
  Bound bind(String function, String... parameters) {
    return bind(function, List.of(parameters));
  }

  /** As {@link #bind(String, String...)}. */
  Bound bind(String function, List<String> parameters) {
    if (positional.size() > parameters.size()) {
      throw new Fault(
          function
              + " takes at most "
              + parameters.size()
              + " arguments, not "
              + positional.size());
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < positional.size(); i++) {
      values.put(parameters.get(i), positional.get(i));
    }
    named.forEach(
        (name, value) -> {
          if (!parameters.contains(name)) {
            throw new Fault(function + " has no argument '" + name + "'");
          }
          if (values.put(name, value) != null) {
            throw new Fault(function + " has two values for its argument '" + name + "'");
          }
        });
    return new Bound(function, values);
  }

  /** Arguments by the names of the parameters; those not given are absent. */
  record Bound(String function, Map<String, Object> values) {
    @Nullable Object get(String name) {
      return values.get(name);
    }

    Object or(String name, Object otherwise) {
      return values.getOrDefault(name, otherwise);
    }

    Object need(String name) {
      Object value = values.get(name);
      if (value == null) {
        throw new Fault(function + " needs its argument '" + name + "'");
      }
      return value;
    }

    /** The text given, or null where it is absent or None. */
    @Nullable String text(String name) {
      Object value = values.get(name);
      return value == null || value == None.NONE ? null : Values.text(value);
    }

    boolean flag(String name) {
      Object value = values.get(name);
      return value != null && Values.truth(value);
    }

    /** The small integer given, or {@code otherwise} where it is absent or None. */
    int integer(String name, int otherwise) {
      Object value = values.get(name);
      return value == null || value == None.NONE ? otherwise : Numbers.index(value);
    }
  }
}
