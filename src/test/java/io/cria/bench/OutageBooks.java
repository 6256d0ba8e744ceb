package io.cria.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How clients behaved in an outage, and how soon they were back. Times are nanoseconds since the
 * first request. Used by one thread.
 */
final class OutageBooks {
  private static final long BIN = 100_000_000L;
  private static final int BINS_A_SECOND = 10;
  private static final int BINS_BEFORE = 100;
  private static final double BACK = 0.9;

  private final Outage outage;
  private int[] answers = new int[1 << 10];
  private long attempts;
  private long modelProbes;
  private long caught;
  private long firstAfter = -1;
  private long lastAt;

  OutageBooks(Outage outage) {
    this.outage = outage;
  }

  /** A request came in the outage. */
  void attempted() {
    attempts++;
  }

  /** A question for the models came in the outage. */
  void probed() {
    modelProbes++;
  }

  /** A request that came before the outage had its answer due in it. */
  void caught() {
    caught++;
  }

  /** An answer was delivered. */
  void answered(long now) {
    int bin = (int) (now / BIN);
    if (bin >= answers.length) {
      answers = Arrays.copyOf(answers, Math.max(bin + 1, 2 * answers.length));
    }
    answers[bin]++;
    lastAt = now;
    if (firstAfter < 0 && now >= outage.to()) {
      firstAfter = now;
    }
  }

  /**
   * The figures; {@code seconds_to_90_percent} is from the first answer after the outage until
   * within a second as many answers came as 90 % of the mean rate in the ten seconds before it, and
   * missing where that was never so.
   */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("attempts", attempts);
    figures.put("model_probes", modelProbes);
    figures.put("caught", caught);
    double before = rateBefore();
    figures.put("answers_a_second_before", before);
    if (firstAfter >= 0) {
      figures.put("seconds_to_first_answer", (firstAfter - outage.to()) / 1e9);
      long back = backAt(BACK * before);
      if (back >= 0) {
        figures.put("seconds_to_90_percent", Math.max(0, back - firstAfter) / 1e9);
      }
    }
    return figures;
  }

  private double rateBefore() {
    int end = (int) (outage.from() / BIN);
    int start = Math.max(0, end - BINS_BEFORE);
    return end == start ? 0 : (double) sum(start, end) * BINS_A_SECOND / (end - start);
  }

  /** When the answers of the second before it are that many for the first time; -1 if never. */
  private long backAt(double wanted) {
    int first = (int) (firstAfter / BIN);
    int last = (int) (lastAt / BIN);
    for (int bin = first; bin <= last; bin++) {
      if (sum(Math.max(first, bin + 1 - BINS_A_SECOND), bin + 1) >= wanted) {
        return (bin + 1) * BIN;
      }
    }
    return -1;
  }

  private int sum(int from, int to) {
    int sum = 0;
    for (int bin = from; bin < Math.min(to, answers.length); bin++) {
      sum += answers[bin];
    }
    return sum;
  }
}
