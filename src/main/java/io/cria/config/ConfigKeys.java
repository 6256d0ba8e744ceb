package io.cria.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.Key;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All keys of a kind of run file, as its records tell them. */
public final class ConfigKeys {
  private static final BigDecimal SMALL = new BigDecimal("0.001");

  private final Map<String, Class<?>> lists;
  private final KeyDefaults defaults;

  private ConfigKeys(Class<?> root, Map<String, Class<?>> lists) {
    this.lists = Map.copyOf(lists);
    this.defaults = new KeyDefaults(root);
  }

  /**
   * The keys of a record, in its order.
   *
   * @param lists paths of lists whose items are read elsewhere, with a record that tells their keys
   * @throws IllegalStateException for a key without a meaning
   */
  public static List<ConfigKey> of(Class<?> type, Map<String, Class<?>> lists) {
    return new ConfigKeys(type, lists).below(List.of(), type, List.of(), Optional.empty());
  }

  /** The least that a file of this kind must have: every key that must be given, by its example. */
  public static ObjectNode least(Class<?> type) {
    return KeyDefaults.least(type);
  }

  /** A value as it is written in a run file, on one line. */
  static String yaml(JsonNode value) {
    if (value.isObject()) {
      List<String> keys = new ArrayList<>();
      value.properties().forEach(each -> keys.add(each.getKey() + ": " + yaml(each.getValue())));
      return "{" + String.join(", ", keys) + "}";
    }
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(yaml(item)));
      return "[" + String.join(", ", items) + "]";
    }
    if (value.isTextual() && !value.textValue().matches("[A-Za-z][A-Za-z0-9_./:-]*[A-Za-z0-9]")) {
      return value.toString();
    }
    if (value.isDouble() || value.isBigDecimal()) {
      BigDecimal number = value.decimalValue();
      return number.abs().compareTo(SMALL) < 0 && number.signum() != 0
          ? String.valueOf(number.doubleValue()).replace('E', 'e')
          : number.toPlainString();
    }
    return value.asText();
  }

  private List<ConfigKey> below(
      List<String> path, Class<?> type, List<String> without, Optional<Boolean> decides) {
    return KeyComponent.of(type).stream()
        .filter(each -> !without.contains(each.name()))
        .map(each -> key(path, each, decides))
        .toList();
  }

  private ConfigKey key(List<String> parents, KeyComponent component, Optional<Boolean> around) {
    Key key = component.key();
    List<String> path = with(parents, component.name());
    Class<?> items = lists.get(String.join(".", path));
    KeyType type = items == null ? component.type() : KeyType.listOf(items);
    Optional<Boolean> decides =
        around.filter(word -> !word).or(component::decides).or(() -> around);
    Class<?> section = type.below();
    List<ConfigKey> below =
        section == null
            ? List.of()
            : below(inside(path, type), section, List.of(key.without()), decides);
    return new ConfigKey(
        String.join(".", path),
        component.name(),
        key.value(),
        type,
        key.needed(),
        !component.isNeeded() && key.otherwise().isEmpty() ? defaults.of(parents, component) : null,
        key.otherwise(),
        component.allowed(),
        KeyBounds.of(key),
        key.form(),
        !decides.orElse(false),
        below);
  }

  private static List<String> inside(List<String> path, KeyType type) {
    return switch (type.kind()) {
      case MAP -> with(path, ConfigKey.NAME);
      case LIST -> {
        List<String> list = new ArrayList<>(path);
        list.set(list.size() - 1, list.get(list.size() - 1) + "[]");
        yield list;
      }
      default -> path;
    };
  }

  private static List<String> with(List<String> path, String word) {
    return Stream.concat(path.stream(), Stream.of(word)).toList();
  }
}
