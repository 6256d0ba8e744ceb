package io.cria.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The defaults of a kind of run file: those of a file that was really read, which has what must be
 * given, and the section that the key is in.
 */
final class KeyDefaults {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Class<?> root;

  KeyDefaults(Class<?> root) {
    this.root = root;
  }

  /** The least that a file of this kind must have: every key that must be given, by its example. */
  static ObjectNode least(Class<?> type) {
    ObjectNode least = JSON.createObjectNode();
    for (KeyComponent each : KeyComponent.of(type)) {
      if (each.isNeeded()) {
        Class<?> section = each.type().section();
        least.set(each.name(), section == null ? read(each.key().needed()) : least(section));
      }
    }
    return least;
  }

  /** The default; of a section only what its keys do not tell. */
  @Nullable JsonNode of(List<String> parents, KeyComponent component) {
    if (parents.stream().anyMatch(word -> word.endsWith("[]"))) {
      return null;
    }
    if (isOfExample(parents, component)) {
      return null;
    }
    Object absent = bound(parents, component, false);
    Class<?> section = component.type().section();
    if (section == null || absent == null) {
      JsonNode value = JSON.valueToTree(absent);
      return value == null || value.isNull() || (value.isContainerNode() && value.isEmpty())
          ? null
          : value;
    }
    ObjectNode differing = differing(section, absent, bound(parents, component, true));
    return differing.isEmpty() ? null : differing;
  }

  /** Whether the least file gives the key itself. */
  private boolean isOfExample(List<String> parents, KeyComponent component) {
    JsonNode node = least(root);
    for (String word : parents) {
      node =
          word.equals(ConfigKey.NAME) && node.isObject() ? node.iterator().next() : node.path(word);
    }
    return node.has(component.name());
  }

  /** What a section that is left out has, and one that is there but empty has not. */
  private static ObjectNode differing(Class<?> section, Object absent, @Nullable Object given) {
    ObjectNode differing = JSON.createObjectNode();
    for (KeyComponent each : KeyComponent.of(section)) {
      Object one = each.of(absent);
      if (one != null && (each.isNeeded() || given == null || !one.equals(each.of(given)))) {
        differing.set(each.name(), JSON.valueToTree(one));
      }
    }
    return differing;
  }

  /**
   * What is read of a component from the least file that has its section.
   *
   * @param given whether the component, a section, is there with the least that it must have
   */
  private @Nullable Object bound(List<String> parents, KeyComponent component, boolean given) {
    ObjectNode file = least(root);
    ObjectNode node = file;
    List<KeyComponent> way = way(parents);
    for (KeyComponent step : way) {
      node = section(node, step);
      if (step.type().kind() == KeyType.Kind.MAP) {
        node = (ObjectNode) first(node);
      }
    }
    if (given) {
      ObjectNode unused = section(node, component);
    }
    Object value = ConfigReader.bind(file, root);
    for (KeyComponent step : way) {
      Object inside = step.of(value);
      value = inside instanceof Map<?, ?> map ? map.values().iterator().next() : inside;
      if (value == null) {
        return null;
      }
    }
    return component.of(value);
  }

  /** The sections on a path, from the root. */
  private List<KeyComponent> way(List<String> path) {
    List<KeyComponent> way = new ArrayList<>();
    Class<?> type = root;
    for (String word : path) {
      if (!word.equals(ConfigKey.NAME)) {
        KeyComponent step =
            KeyComponent.of(Objects.requireNonNull(type, word)).stream()
                .filter(each -> each.name().equals(word))
                .findFirst()
                .orElseThrow();
        way.add(step);
        type = step.type().below();
      }
    }
    return way;
  }

  private static JsonNode first(JsonNode names) {
    return names.iterator().next();
  }

  /** A section of the file, made with the least that it must have where it is not there. */
  private static ObjectNode section(ObjectNode node, KeyComponent component) {
    Class<?> section = component.type().section();
    if (section != null && !node.has(component.name())) {
      node.set(component.name(), least(section));
    }
    return (ObjectNode) node.get(component.name());
  }

  private static JsonNode read(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an example is no YAML: " + yaml, e);
    }
  }
}
