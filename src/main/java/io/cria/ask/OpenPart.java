package io.cria.ask;

import io.cria.task.Part;
import java.io.Serializable;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A planned part that is not committed, as it goes to whoever asks it.
 *
 * @param part which
 * @param rows how many requests it has
 * @param file its rows of the table of requests, below the run directory
 * @param answered for each row of the part, from 0, whether it needs asking no more
 * @param attempts the highest attempt of each row that has one, by row of the part
 */
public record OpenPart(
    Part part, int rows, String file, BitSet answered, Map<Integer, Integer> attempts)
    implements Serializable {
  public OpenPart {
    answered = (BitSet) answered.clone();
    attempts = new HashMap<>(attempts);
  }

  /** Nothing was asked of it yet. */
  public static OpenPart untouched(Part part, int rows, String file) {
    return new OpenPart(part, rows, file, new BitSet(), Map.of());
  }

  /** How many requests are to be asked. */
  public int unanswered() {
    return rows - answered.cardinality();
  }

  /** Whether a row, counted within the round, needs asking no more. */
  boolean isAnswered(int row) {
    return answered.get(row - part.firstRow());
  }

  /** The attempt to come of a row, counted within the round. */
  int nextAttempt(int row) {
    return 1 + attempts.getOrDefault(row - part.firstRow(), 0);
  }
}
