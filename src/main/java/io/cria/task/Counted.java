package io.cria.task;

import java.util.Locale;

/** A number of things in words. */
public final class Counted {
  private Counted() {}

  /** {@code 1 example}, {@code 2,000 examples}: of a noun whose plural ends in s. */
  public static String of(long count, String noun) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? noun : noun + "s");
  }
}
