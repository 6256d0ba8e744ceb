package io.cria.evaluate;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Pairs in random order with random sides, and their keys, in the same order but to be kept apart.
 * Each model stands on the left in half of its pairs with another (one more or less when their
 * number is odd), so that a lean to one side does not fall on one model. The same arguments give
 * the same pairs.
 *
 * @param pairs what those who judge see
 * @param keys who gave the answers
 */
public record BlindPairs(List<BlindPair> pairs, List<BlindPair.Key> keys) {
  private static final String ORDER = "blind-order";
  private static final String SIDES = "blind-sides";

  public BlindPairs {
    pairs = List.copyOf(pairs);
    keys = List.copyOf(keys);
  }

  /** What a model said. */
  public record Answer(String model, String text) {}

  /** Two models' answers to one task. */
  public record Open(String taskId, Answer first, Answer second) {
    public Open {
      if (first.model().equals(second.model())) {
        throw new IllegalArgumentException(
            "task " + taskId + ": both answers are of " + first.model());
      }
    }

    private Open exchanged() {
      return new Open(taskId, /* first= */ second, /* second= */ first);
    }

    private Open inNameOrder() {
      return first.model().compareTo(second.model()) < 0 ? this : exchanged();
    }

    private List<String> models() {
      return List.of(first.model(), second.model());
    }
  }

  /** Blinds; which of a pair is named first makes no difference. */
  public static BlindPairs of(List<Open> open, long seed) {
    List<Open> sided = new ArrayList<>(open.stream().map(Open::inNameOrder).toList());
    List<List<String>> matches = sided.stream().map(Open::models).distinct().toList();
    for (int match = 0; match < matches.size(); match++) {
      List<String> models = matches.get(match);
      exchangeHalf(sided, models, SeededRandom.of(seed, SIDES, 0, match));
    }
    List<Open> order = SeededRandom.of(seed, ORDER, 0, 0).shuffled(sided);
    List<BlindPair> pairs = new ArrayList<>();
    List<BlindPair.Key> keys = new ArrayList<>();
    for (Open pair : order) {
      String id = String.format(Locale.ROOT, "pair-%05d", pairs.size() + 1);
      pairs.add(new BlindPair(id, pair.taskId, pair.first.text(), pair.second.text()));
      keys.add(new BlindPair.Key(id, pair.first.model(), pair.second.model()));
    }
    return new BlindPairs(pairs, keys);
  }

  /** Of the pairs of two models, exchanges a random half. */
  private static void exchangeHalf(List<Open> sided, List<String> models, SeededRandom random) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < sided.size(); i++) {
      if (sided.get(i).models().equals(models)) {
        places.add(i);
      }
    }
    // an odd number's extra one falls to either side
    int half = (places.size() + random.nextInt(2)) / 2;
    Set<Integer> chosen = new HashSet<>();
    for (int pick : random.sample(places.size(), half)) {
      chosen.add(places.get(pick));
    }
    chosen.forEach(place -> sided.set(place, sided.get(place).exchanged()));
  }
}
