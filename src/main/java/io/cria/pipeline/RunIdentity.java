package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.config.Identity;
import io.cria.task.Ids;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run is, as a map of its identity's keys, with the content of seeds and prompts in place of
 * their paths.
 *
 * @param keys sorted
 */
record RunIdentity(Map<String, Object> keys) {
  private static final ObjectMapper CANONICAL =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  static RunIdentity of(Identity identity, String seedsSha256, String promptsSha256) {
    Map<String, Object> keys =
        CANONICAL.convertValue(identity, new TypeReference<TreeMap<String, Object>>() {});
    if (keys.get("rounds") instanceof Map<?, ?> rounds) {
      // where a run ends is not what it is
      rounds.remove("max");
      rounds.remove("barren");
    }
    keys.put("seeds", seedsSha256);
    keys.put("prompts", promptsSha256);
    return new RunIdentity(keys);
  }

  /** SHA-256 over the canonical JSON of the keys. */
  String hash() {
    try {
      return Ids.sha256(CANONICAL.writeValueAsString(keys));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an identity is always JSON", e);
    }
  }

  /** Each key that differs, as {@code key: here X, there Y}. */
  List<String> differences(RunIdentity there) {
    Map<String, Object> mine = flat("", keys, new TreeMap<>());
    Map<String, Object> theirs = flat("", there.keys, new TreeMap<>());
    TreeSet<String> all = new TreeSet<>(mine.keySet());
    all.addAll(theirs.keySet());
    return all.stream()
        .filter(key -> !String.valueOf(mine.get(key)).equals(String.valueOf(theirs.get(key))))
        .map(
            key ->
                key
                    + " is "
                    + shown(mine.get(key))
                    + " in this command, "
                    + shown(theirs.get(key))
                    + " in the directory")
        .toList();
  }

  private static String shown(@Nullable Object value) {
    String text = value == null ? "absent" : Objects.toString(value);
    return text.length() > 60 ? text.substring(0, 12) + "…" : text;
  }

  private static Map<String, Object> flat(
      String prefix, Map<?, ?> nested, Map<String, Object> flat) {
    nested.forEach(
        (key, value) -> {
          String path = prefix.isEmpty() ? String.valueOf(key) : prefix + "." + key;
          if (value instanceof Map<?, ?> inner) {
            flat(path, inner, flat);
          } else if (value != null) {
            flat.put(path, value);
          }
        });
    return flat;
  }
}
