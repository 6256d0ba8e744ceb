package io.cria.safety;

import io.cria.task.CriaException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a text may be moderated for; the names are those of OpenAI's moderations. */
public enum ModerationCategory {
  HARASSMENT,
  HATE,
  ILLICIT,
  SELF_HARM,
  SEXUAL,
  VIOLENCE;

  /** As files and columns spell it: {@code self-harm}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The category of that word.
   *
   * @throws CriaException (bad input) for an unknown one
   */
  public static ModerationCategory named(String word) {
    return Arrays.stream(values())
        .filter(category -> category.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                CriaException.badInput(
                    "unknown moderation category, '"
                        + word
                        + "': use one of "
                        + Arrays.stream(values())
                            .map(ModerationCategory::word)
                            .collect(Collectors.joining(", "))));
  }
}
