package io.cria.template;

import java.util.List;
import java.util.Map;

/** Keys of dicts. */
final class Dicts {
  private Dicts() {}

  /** The value as a key; what can change is none. */
  static Object key(Object value) {
    return key(value, new Walk());
  }

  private static Object key(Object value, Walk walk) {
    walk.enter();
    if (value instanceof Tuple tuple) {
      tuple.forEach(element -> key(element, walk));
    } else if (value instanceof List || value instanceof Map) {
      throw new Fault(Values.typeName(value) + " cannot be a key");
    }
    walk.leave();
    return value;
  }
}
