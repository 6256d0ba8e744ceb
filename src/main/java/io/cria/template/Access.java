package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attributes, items and slices of values, by the rules of Jinja. */
final class Access {
  private Access() {}

  /** {@code owner.name}: a method before an item of that name. */
  static Object attribute(Object owner, String name) {
    Values.defined(owner);
    if (name.startsWith("_")) {
      throw new Fault("attribute '" + name + "' is not supported");
    }
    Object method = method(owner, name);
    if (method != null) {
      return method;
    }
    if (owner instanceof Map<?, ?> map) {
      return entry(map, name);
    }
    if (owner instanceof Namespace namespace) {
      return namespace.get(name);
    }
    if (owner instanceof Loop loop) {
      return loop.attribute(name);
    }
    return new Undefined(Values.typeName(owner) + " has no attribute '" + name + "'");
  }

  /** {@code owner[key]}: an item before an attribute of that name. */
  static Object item(Object owner, Object key) {
    Values.defined(owner);
    if (owner instanceof Map<?, ?> map) {
      Object value = key instanceof Undefined ? null : Dicts.get(map, key);
      Object method = value == null && key instanceof String name ? method(owner, name) : value;
      return method != null ? method : missing(owner, key);
    }
    if (Numbers.isWhole(key) && (owner instanceof List || owner instanceof String)) {
      List<?> elements = owner instanceof List<?> list ? list : Strings.characters((String) owner);
      long index = Numbers.index(key);
      long place = index < 0 ? index + elements.size() : index;
      return place >= 0 && place < elements.size()
          ? elements.get((int) place)
          : missing(owner, key);
    }
    return key instanceof String name && !name.startsWith("_")
        ? attribute(owner, name)
        : missing(owner, key);
  }

  private static Object entry(Map<?, ?> map, String name) {
    Object value = map.get(name);
    return value != null ? value : missing(map, name);
  }

  private static Undefined missing(Object owner, Object key) {
    String which = key instanceof String || Numbers.isNumber(key) ? " " + shortened(key) : " asked";
    return new Undefined(Values.typeName(owner) + " has no element" + which);
  }

  private static String shortened(Object key) {
    String text = Text.repr(key);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static @Nullable Object method(Object owner, String name) {
    if (owner instanceof String text) {
      return StringMethods.find(text, name);
    }
    if (owner instanceof Map<?, ?> map) {
      return ContainerMethods.find(map, name);
    }
    return owner instanceof List<?> list ? ContainerMethods.find(list, name) : null;
  }

  static Object slice(
      Object owner, @Nullable Integer from, @Nullable Integer to, @Nullable Integer by) {
    Values.defined(owner);
    if (!(owner instanceof String) && !(owner instanceof List)) {
      throw new Fault(Values.typeName(owner) + " cannot be sliced");
    }
    List<Object> elements = Values.elements(owner);
    int size = elements.size();
    long step = by == null ? 1 : by;
    if (step == 0) {
      throw new Fault("a slice by steps of zero");
    }
    boolean up = step > 0;
    long start = from == null ? (up ? 0 : size - 1) : place(from, size, up);
    long end = to == null ? (up ? size : -1) : place(to, size, up);
    List<Object> taken = new ArrayList<>();
    for (long i = start; up ? i < end : i > end; i += step) {
      taken.add(elements.get((int) i));
    }
    if (owner instanceof String) {
      StringBuilder text = new StringBuilder();
      taken.forEach(text::append);
      return text.toString();
    }
    return owner instanceof Tuple ? new Tuple(taken) : taken;
  }

  private static long place(long index, int size, boolean up) {
    long place = index < 0 ? index + size : index;
    return up ? Math.max(0, Math.min(place, size)) : Math.max(-1, Math.min(place, size - 1));
  }

  /** An item by a path of names and indices: {@code function.name}, as filters take it. */
  static Object path(Object owner, Object path) {
    if (Numbers.isWhole(path)) {
      return item(owner, path);
    }
    Object value = owner;
    for (String part : Values.text(path).split("\\.", -1)) {
      boolean index =
          !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
      value = item(value, index ? (Object) Long.valueOf(part) : part);
    }
    return value;
  }
}
