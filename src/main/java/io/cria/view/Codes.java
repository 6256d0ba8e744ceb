package io.cria.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A column with few different values, as a number a row. */
final class Codes {
  private final Map<String, Integer> codes = new HashMap<>();
  private final List<String> values = new ArrayList<>();
  private final List<Long> counts = new ArrayList<>();
  private int[] rows = new int[1024];
  private int size;

  /**
   * A value and how often it comes.
   *
   * @param n rows with it
   */
  record Count(String value, long n) {}

  void add(String value) {
    int code =
        codes.computeIfAbsent(
            value,
            fresh -> {
              values.add(fresh);
              counts.add(0L);
              return values.size() - 1;
            });
    if (size == rows.length) {
      rows = Arrays.copyOf(rows, size * 2);
    }
    rows[size++] = code;
    counts.set(code, counts.get(code) + 1);
  }

  String get(int row) {
    return values.get(rows[row]);
  }

  int code(int row) {
    return rows[row];
  }

  /** The number of a value; -1 where no row has it. */
  int code(String value) {
    return codes.getOrDefault(value, -1);
  }

  /** All values but the empty one, the most frequent first. */
  List<Count> counts() {
    List<Count> all = new ArrayList<>();
    for (int code = 0; code < values.size(); code++) {
      if (!values.get(code).isEmpty()) {
        all.add(new Count(values.get(code), counts.get(code)));
      }
    }
    all.sort(Comparator.comparingLong(Count::n).reversed().thenComparing(Count::value));
    return all;
  }
}
