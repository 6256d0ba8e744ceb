package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.config.Identity;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
  /** How many differences a person is told. */
  private static final int SHOWN = 4;

  /** What tells most comes first. */
  private static final Set<String> FIRST = Set.of("recipe", "model");

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

  /** Of what is done beside a line. */
  static RunIdentity beside(String kind, Map<String, Object> identity) {
    Map<String, Object> keys = new TreeMap<>(identity);
    keys.put(RunRecord.KIND, kind);
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

  /** The first keys that differ, each with what it is here and there; recipe and model before. */
  List<String> differences(RunIdentity there) {
    List<String> all = allDifferences(there);
    if (all.size() <= SHOWN) {
      return all;
    }
    List<String> some = new ArrayList<>(all.subList(0, SHOWN));
    some.add("and " + (all.size() - SHOWN) + " more");
    return some;
  }

  private List<String> allDifferences(RunIdentity there) {
    Map<String, Object> mine = flat("", keys, new TreeMap<>());
    Map<String, Object> theirs = flat("", there.keys, new TreeMap<>());
    TreeSet<String> all = new TreeSet<>(mine.keySet());
    all.addAll(theirs.keySet());
    return all.stream()
        .sorted(Comparator.comparing(key -> !FIRST.contains(key)))
        .filter(key -> !String.valueOf(mine.get(key)).equals(String.valueOf(theirs.get(key))))
        .map(key -> difference(key, shown(mine.get(key)), shown(theirs.get(key))))
        .toList();
  }

  private static String difference(String key, String here, String there) {
    return here.equals(there)
        ? key + " differs"
        : key + " is " + here + " in this command, " + there + " in the directory";
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
