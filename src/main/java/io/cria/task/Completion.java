package io.cria.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The text a model gave for a request.
 *
 * @param text the answer's text, exactly as it came
 * @param finishReason the provider's word, "length" when the answer was cut; null where none was
 *     given
 */
public record Completion(String text, @Nullable String finishReason) {
  public static final String LENGTH = "length";

  public Completion {
    Objects.requireNonNull(text, "text");
  }

  /** Whether the token limit ended the answer. */
  public boolean isCut() {
    return LENGTH.equals(finishReason);
  }
}
