package io.cria.ask;

import io.cria.task.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Caps and what was taken of them, in words. */
final class CapWords {
  private CapWords() {}

  /** For example {@code caps.usd: $4.98 of $5.00}; those that are set. */
  static String of(Amount cap, Amount taken) {
    List<String> words = new ArrayList<>();
    if (cap.requests() != Amount.NO_BOUND) {
      words.add("caps.requests: " + count(taken.requests()) + " of " + count(cap.requests()));
    }
    if (cap.tokens() != Amount.NO_BOUND) {
      words.add("caps.tokens: " + count(taken.tokens()) + " of " + count(cap.tokens()));
    }
    if (cap.nanoUsd() != Amount.NO_BOUND) {
      words.add("caps.usd: " + dollars(taken) + " of " + dollars(cap));
    }
    return String.join(", ", words);
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String dollars(Amount amount) {
    return String.format(Locale.ROOT, "$%.4f", amount.usd());
  }
}
