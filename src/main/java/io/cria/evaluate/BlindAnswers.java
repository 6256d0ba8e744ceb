package io.cria.evaluate;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Single answers in random order under ids that tell nothing, and their keys, in the same order but
 * to be kept apart. The same arguments give the same order.
 *
 * @param answers what those who judge see
 * @param keys who gave the answers
 */
public record BlindAnswers(List<Blind> answers, List<Key> keys) {
  private static final String ORDER = "blind-answers";

  public BlindAnswers {
    answers = List.copyOf(answers);
    keys = List.copyOf(keys);
  }

  /** What one answerer said to one task. */
  public record Open(String taskId, String answerer, String text) {}

  /** An answer without a name. */
  public record Blind(String answerId, String taskId, String text) {}

  /** Who gave it. */
  public record Key(String answerId, String answerer) {}

  public static BlindAnswers of(List<Open> open, long seed) {
    List<Blind> answers = new ArrayList<>();
    List<Key> keys = new ArrayList<>();
    for (Open one : SeededRandom.of(seed, ORDER, 0, 0).shuffled(open)) {
      String id = String.format(Locale.ROOT, "answer-%05d", answers.size() + 1);
      answers.add(new Blind(id, one.taskId(), one.text()));
      keys.add(new Key(id, one.answerer()));
    }
    return new BlindAnswers(answers, keys);
  }
}
