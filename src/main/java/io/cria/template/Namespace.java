package io.cria.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one kind of value that a template may change: {@code namespace(count=0)}. */
final class Namespace {
  private final Map<String, Object> attributes = new LinkedHashMap<>();

  void set(String name, Object value) {
    attributes.put(name, value);
  }

  Object get(String name) {
    Object value = attributes.get(name);
    return value != null ? value : new Undefined("the namespace has no attribute '" + name + "'");
  }
}
