package io.cria.safety;

import io.cria.task.CriaException;
import java.util.List;
import java.util.Objects;

/**
 * One rule of moderation, as a file has it: a sentence with one of the phrases and none of the
 * exceptions scores.
 *
 * @param name for reports; unique in its file
 * @param category a word of {@link ModerationCategory}
 * @param score in (0, 1]: how sure one hit makes
 * @param any phrases, one of which is enough; {@link Phrase} has their form
 * @param unless phrases that excuse the sentence; none when absent
 */
public record ModerationRule(
    String name, String category, double score, List<String> any, List<String> unless) {
  public ModerationRule {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(category, "category");
    any = List.copyOf(any);
    unless = Objects.requireNonNullElse(unless, List.of());
    unless = List.copyOf(unless);
    ModerationCategory.named(category);
    if (!(score > 0 && score <= 1) || any.isEmpty()) {
      throw CriaException.badInput(
          "moderation rule '" + name + "' needs a score in (0, 1] and a phrase");
    }
  }
}
