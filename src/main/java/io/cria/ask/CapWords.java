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

  /**
   * Which cap is reached: what is left of it is less than the next request may take. For example
   * {@code the cap of 300 requests is reached (caps.requests)}.
   */
  static String reached(Amount cap, Amount taken, Amount next) {
    double requests = share(taken.requests(), cap.requests());
    double tokens = share(taken.tokens(), cap.tokens());
    double usd = share(taken.nanoUsd(), cap.nanoUsd());
    if (requests >= tokens && requests >= usd) {
      return "the cap of " + count(cap.requests()) + " requests is reached (caps.requests)";
    }
    return tokens >= usd
        ? "the cap of "
            + count(cap.tokens())
            + " tokens is reached (caps.tokens): "
            + count(taken.tokens())
            + " are taken, those whose bill is not known at worst, and the next request may take "
            + (next.tokens() == 0 ? "more than is left" : count(next.tokens()))
        : "the cap of "
            + dollars(cap)
            + " is reached (caps.usd): "
            + dollars(taken)
            + " is taken, what may have been billed at worst, and the next request may cost "
            + (next.nanoUsd() == 0 ? "more than is left" : dollars(next));
  }

  private static double share(long taken, long cap) {
    return cap == Amount.NO_BOUND ? -1 : cap == 0 ? 1 : (double) taken / cap;
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String dollars(Amount amount) {
    return String.format(Locale.ROOT, "$%.4f", amount.usd());
  }
}
