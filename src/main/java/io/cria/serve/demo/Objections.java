package io.cria.serve.demo;

import io.cria.safety.Moderation;
import io.cria.safety.ModerationCategory;
import io.cria.safety.PiiFinder;
import io.cria.safety.PiiMatch;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** What speaks against a text being asked or shown. */
final class Objections {
  private static final Map<ModerationCategory, String> WORDS =
      Map.of(
          ModerationCategory.HARASSMENT, "insults or threats",
          ModerationCategory.HATE, "hate against groups of people",
          ModerationCategory.ILLICIT, "help with crimes",
          ModerationCategory.SELF_HARM, "self-harm",
          ModerationCategory.SEXUAL, "sexual content",
          ModerationCategory.VIOLENCE, "violence");

  private final Moderation moderation;

  Objections(Moderation moderation) {
    this.moderation = moderation;
  }

  /** The category that weighs most, of a text that the rules flag. */
  Optional<ModerationCategory> to(String text) {
    Moderation.Result result = moderation.score(text);
    return result.flagged()
        ? result.scores().entrySet().stream()
            .max(Comparator.comparingDouble(Map.Entry::getValue))
            .map(Map.Entry::getKey)
        : Optional.empty();
  }

  /** A category for whoever reads the page. */
  static String words(ModerationCategory category) {
    return WORDS.getOrDefault(category, category.word());
  }

  /** A text with what tells of persons masked. */
  static String masked(String text) {
    StringBuilder masked = new StringBuilder();
    int told = 0;
    for (PiiMatch match : PiiFinder.find(text)) {
      masked.append(text, told, match.start()).append(match.masked());
      told = match.end();
    }
    return masked.append(text, told, text.length()).toString();
  }
}
