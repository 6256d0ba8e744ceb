package io.cria.tokenizer;

import io.cria.template.Refusal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An example laid out: the sequences that it is learnt as, or why it is not learnt.
 *
 * @param sequences each in segments; empty where the example is refused
 * @param refusal the reason's name in lower case, such as {@code prompt_differs}, or null
 * @param detail more about the reason, for a person; empty where there is none
 */
public record TrainingText(List<List<Segment>> sequences, @Nullable String refusal, String detail) {
  public TrainingText {
    sequences = sequences.stream().map(List::copyOf).toList();
    if (sequences.isEmpty() == (refusal == null)) {
      throw new IllegalArgumentException("either sequences or the reason why there are none");
    }
  }

  static TrainingText of(List<Segment> segments) {
    return new TrainingText(List.of(segments), null, "");
  }

  static TrainingText refused(Refusal refusal, String detail) {
    return new TrainingText(List.of(), refusal.name().toLowerCase(Locale.ROOT), detail);
  }

  /** What a reason means, for a person. */
  public static String meaning(String refusal) {
    return Refusal.valueOf(refusal.toUpperCase(Locale.ROOT)).meaning();
  }
}
