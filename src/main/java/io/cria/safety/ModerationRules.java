package io.cria.safety;

import io.cria.task.CriaException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A language's rules of moderation, as {@code conf/moderation/en.yaml} has them.
 *
 * @param language its code; in Korean ({@code ko}) a word may be followed by particles
 * @param version rises with every change, so that scores can be told apart
 * @param lists words by name, for {@code @name} in phrases; none when absent
 * @param rules the rules
 */
public record ModerationRules(
    String language, int version, Map<String, List<String>> lists, List<ModerationRule> rules) {
  public ModerationRules {
    Objects.requireNonNull(language, "language");
    lists = Map.copyOf(Objects.requireNonNullElse(lists, Map.of()));
    rules = List.copyOf(rules);
    Set<String> names = new HashSet<>();
    for (ModerationRule rule : rules) {
      if (!names.add(rule.name())) {
        throw CriaException.badInput(
            "two moderation rules of " + language + " have the name '" + rule.name() + "'");
      }
    }
  }
}
