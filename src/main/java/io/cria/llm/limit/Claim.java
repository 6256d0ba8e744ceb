package io.cria.llm.limit;

import io.cria.task.Amount;

/**
 * What one asker has of the caps, and what it needs. Sums grow, so that a message that is lost
 * takes nothing along.
 *
 * @param need without which its next request cannot be sent; zero where none waits
 * @param want what it could use soon, no less than the need
 * @param returned of what it was granted, all together
 * @param taken by attempts that are through, all together
 * @param reserved for attempts on their way
 */
public record Claim(Amount need, Amount want, Amount returned, Amount taken, Amount reserved) {
  public static final Claim NONE =
      new Claim(Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO);

  private static final int CURRENCIES = 3;
  private static final int AMOUNTS = 5;

  /** As a message carries it. */
  public long[] toLongs() {
    long[] longs = new long[AMOUNTS * CURRENCIES];
    Amount[] amounts = {need, want, returned, taken, reserved};
    for (int i = 0; i < AMOUNTS; i++) {
      System.arraycopy(amounts[i].toLongs(), 0, longs, i * CURRENCIES, CURRENCIES);
    }
    return longs;
  }

  /** What {@link #toLongs} made. */
  public static Claim of(long[] longs) {
    Amount[] amounts = new Amount[AMOUNTS];
    for (int i = 0; i < AMOUNTS; i++) {
      int at = i * CURRENCIES;
      amounts[i] = new Amount(longs[at], longs[at + 1], longs[at + 2]);
    }
    return new Claim(amounts[0], amounts[1], amounts[2], amounts[3], amounts[4]);
  }
}
