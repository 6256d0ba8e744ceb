package io.cria.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The methods of dicts, lists and tuples that change nothing. Those that would are refused. */
final class ContainerMethods {
  private ContainerMethods() {}

  static @Nullable Callable find(Map<?, ?> dict, String name) {
    return switch (name) {
      case "items" -> nothing("items", () -> items(dict));
      case "keys" -> nothing("keys", () -> new ArrayList<>(dict.keySet()));
      case "values" -> nothing("values", () -> new ArrayList<>(dict.values()));
      case "copy" -> nothing("copy", () -> new LinkedHashMap<>(dict));
      case "get" -> (run, arguments) -> get(dict, arguments.bind("get", "key", "default"));
      case "clear", "pop", "popitem", "setdefault", "update" -> refused("dict", name);
      default -> null;
    };
  }

  static @Nullable Callable find(List<?> list, String name) {
    if (list instanceof Tuple && !name.equals("count") && !name.equals("index")) {
      return null;
    }
    return switch (name) {
      case "copy" -> nothing("copy", () -> new ArrayList<>(list));
      case "count" -> (run, arguments) -> count(list, arguments.bind("count", "value"));
      case "index" -> (run, arguments) -> index(list, arguments.bind("index", "value"));
      case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" ->
          refused("list", name);
      default -> null;
    };
  }

  private static Callable nothing(String name, Supplier<Object> method) {
    return (run, arguments) -> {
      arguments.bind(name);
      return method.get();
    };
  }

  private static Callable refused(String type, String name) {
    return (run, arguments) -> {
      throw new Fault("method '" + name + "' would change a " + type + ", which is not supported");
    };
  }

  static List<Object> items(Map<?, ?> dict) {
    List<Object> items = new ArrayList<>();
    dict.forEach((key, value) -> items.add(Tuple.of(key, value)));
    return items;
  }

  private static Object get(Map<?, ?> dict, Arguments.Bound arguments) {
    Object value = Dicts.get(dict, arguments.need("key"));
    return value != null ? value : arguments.or("default", None.NONE);
  }

  private static Object count(List<?> list, Arguments.Bound arguments) {
    Object value = arguments.need("value");
    return list.stream().filter(element -> Comparison.equal(element, value)).count();
  }

  private static Object index(List<?> list, Arguments.Bound arguments) {
    Object value = arguments.need("value");
    for (int i = 0; i < list.size(); i++) {
      if (Comparison.equal(list.get(i), value)) {
        return (long) i;
      }
    }
    throw new Fault("the value is not in the list");
  }
}
