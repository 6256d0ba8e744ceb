package io.cria.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A key of a run file.
 *
 * @param path dotted; {@link #NAME} stands for a name of your own, {@code []} behind a list of
 *     sections
 * @param name its last word
 * @param meaning what it means, without a full stop at the end
 * @param type what kind of value it takes
 * @param example of one that must be given, in YAML; empty for others
 * @param standard what holds where it is left out; null for nothing, and for a section whose keys
 *     tell it
 * @param otherwise the same in words, where it follows from other keys; else empty
 * @param allowed the texts allowed; empty where any is
 * @param bounds between which numbers it lies
 * @param form a regular expression of the whole text; empty where any is allowed
 * @param mayChange from one invocation to the next on the same directory
 * @param below the keys of a section
 */
public record ConfigKey(
    String path,
    String name,
    String meaning,
    KeyType type,
    String example,
    @Nullable JsonNode standard,
    String otherwise,
    List<String> allowed,
    KeyBounds bounds,
    String form,
    boolean mayChange,
    List<ConfigKey> below) {
  public static final String NAME = "NAME";

  public ConfigKey {
    allowed = List.copyOf(allowed);
    below = List.copyOf(below);
  }

  public boolean isNeeded() {
    return !example.isEmpty();
  }

  /** This key and all below it, each before those below. */
  public Stream<ConfigKey> all() {
    return Stream.concat(Stream.of(this), below.stream().flatMap(ConfigKey::all));
  }

  /** The same with another meaning. */
  public ConfigKey saying(String words) {
    return with(path, words, below);
  }

  /** The same wherever it stands, without the paths. */
  public ConfigKey relative() {
    return with("", meaning, below.stream().map(ConfigKey::relative).toList());
  }

  private ConfigKey with(String otherPath, String words, List<ConfigKey> others) {
    return new ConfigKey(
        otherPath, name, words, type, example, standard, otherwise, allowed, bounds, form,
        mayChange, others);
  }

  /** Type and what is allowed of it, for people. */
  public String values() {
    StringBuilder words = new StringBuilder(type.words());
    if (!allowed.isEmpty()) {
      words.append(type.kind() == KeyType.Kind.LIST ? " of " : ": ");
      words.append(String.join(", ", allowed));
    }
    if (!bounds.words().isEmpty()) {
      words.append(", ").append(bounds.words());
    }
    return words.toString();
  }

  /** What holds where the key is left out, for people; empty where nothing does. */
  public String told() {
    return standard != null ? ConfigKeys.yaml(standard) : otherwise;
  }
}
