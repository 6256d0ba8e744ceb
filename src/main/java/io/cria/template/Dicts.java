package io.cria.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Dicts, whose keys are equal as Python has it: 1, 1.0 and True are one key. */
final class Dicts {
  private Dicts() {}

  /** The value under the key, or null. */
  static @Nullable Object get(Map<?, ?> dict, Object key) {
    return dict.get(known(dict, key));
  }

  static boolean contains(Map<?, ?> dict, Object key) {
    return dict.containsKey(known(dict, key));
  }

  /** Puts a value under the key, which stays the one that is there if one is. */
  static void put(Map<Object, Object> dict, Object key, Object value) {
    dict.put(known(dict, key), value);
  }

  /** The key of the dict that equals the given one, or that one. */
  private static Object known(Map<?, ?> dict, Object key) {
    check(key, new Walk());
    if (dict.containsKey(key) || !Numbers.isNumber(key)) {
      return key;
    }
    double number = key instanceof Double value ? value : Numbers.big(key).doubleValue();
    for (Object twin : new Object[] {number == 1, (long) number, number}) {
      if (dict.containsKey(twin) && Comparison.equal(twin, key)) {
        return twin;
      }
    }
    return key;
  }

  private static void check(Object key, Walk walk) {
    walk.enter();
    if (key instanceof Tuple tuple) {
      tuple.forEach(element -> check(element, walk));
    } else if (key instanceof List || key instanceof Map) {
      throw new Fault(Values.typeName(key) + " cannot be a key");
    }
    walk.leave();
  }
}
