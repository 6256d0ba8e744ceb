package io.cria.serve.demo;

import io.cria.safety.Moderation;
import io.cria.safety.ModerationRule;
import io.cria.safety.ModerationRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rules none of which flags by itself. */
final class WeakRules {
  private static final double SCORE = 0.4;

  private WeakRules() {}

  static Moderation of(String... phrases) {
    List<ModerationRule> rules = new ArrayList<>();
    for (String phrase : phrases) {
      rules.add(new ModerationRule(phrase, "hate", SCORE, List.of(phrase), List.of()));
    }
    return new Moderation(List.of(new ModerationRules("en", 1, Map.of(), rules)));
  }
}
