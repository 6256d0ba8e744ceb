package io.cria.view;

import io.cria.page.PageException;
import java.util.Comparator;

/**
 * A row's place in the order of acceptance. In addresses {@code round.row.item.n}.
 *
 * @param round -1 of seeds
 * @param n of an instruction's instances; 0 in tables without them
 */
record Key(int round, int row, int item, int n) implements Comparable<Key> {
  private static final Comparator<Key> ORDER =
      Comparator.comparingInt(Key::round)
          .thenComparingInt(Key::row)
          .thenComparingInt(Key::item)
          .thenComparingInt(Key::n);

  /** Reads one from an address. */
  static Key of(String word) {
    String[] parts = word.split("\\.", -1);
    try {
      if (parts.length == 4) {
        return new Key(
            Integer.parseInt(parts[0]),
            Integer.parseInt(parts[1]),
            Integer.parseInt(parts[2]),
            Integer.parseInt(parts[3]));
      }
    } catch (NumberFormatException e) {
      throw bad(word);
    }
    throw bad(word);
  }

  private static PageException bad(String word) {
    return PageException.badRequest("'" + word + "' is no place: give round.row.item.n");
  }

  @Override
  public int compareTo(Key other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return round + "." + row + "." + item + "." + n;
  }
}
