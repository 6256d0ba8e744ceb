package io.cria.shard;

import io.cria.tokenizer.TrainingText;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the examples.
 *
 * @param examples examples given
 * @param written of them in the rows, at least with one of their sequences, cut ones included
 * @param partly written without a sequence that was too long
 * @param cut with a sequence that was too long, and cut
 * @param dropped too long, and left out
 * @param withoutLabels left out because nothing in them is learnt
 * @param refused left out because the layout does not take them, by reason
 * @param sequences in the rows: an example is one, or one for each of its answers
 * @param rows rows
 * @param tokens tokens in the rows
 * @param learntTokens of them learnt
 * @param firstRefusals of each reason what was wrong with the first example
 */
public record ShardCounts(
    long examples,
    long written,
    long partly,
    long cut,
    long dropped,
    long withoutLabels,
    Map<String, Long> refused,
    long sequences,
    long rows,
    long tokens,
    long learntTokens,
    Map<String, String> firstRefusals)
    implements java.io.Serializable {
  static final ShardCounts NONE = new ShardCounts(0, 0, 0, 0, 0, 0, Map.of(), 0, 0, 0, 0);

  public ShardCounts {
    refused = Collections.unmodifiableMap(new TreeMap<>(refused));
    firstRefusals = Collections.unmodifiableMap(new TreeMap<>(firstRefusals));
  }

  ShardCounts(
      long examples,
      long written,
      long partly,
      long cut,
      long dropped,
      long withoutLabels,
      Map<String, Long> refused,
      long sequences,
      long rows,
      long tokens,
      long learntTokens) {
    this(
        examples,
        written,
        partly,
        cut,
        dropped,
        withoutLabels,
        refused,
        sequences,
        rows,
        tokens,
        learntTokens,
        Map.of());
  }

  /** One example that the layout does not take. */
  static ShardCounts refused(String reason, String detail) {
    return new ShardCounts(
        1, 0, 0, 0, 0, 0, Map.of(reason, 1L), 0, 0, 0, 0, Map.of(reason, detail));
  }

  /** Examples that the layout does not take. */
  public long refusals() {
    return refused.values().stream().mapToLong(Long::longValue).sum();
  }

  private String firstOf(String reason) {
    String first = firstRefusals.getOrDefault(reason, "");
    return first.isEmpty() ? "" : "; the first: " + first;
  }

  /** How many examples the layout does not take, and why; empty where it takes all. */
  public String describeRefusals() {
    StringBuilder text = new StringBuilder();
    refused.forEach(
        (reason, count) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(count)
                .append(" (")
                .append(TrainingText.meaning(reason))
                .append(firstOf(reason))
                .append(')'));
    return text.toString();
  }

  /** Counts of two parts of a dataset together. */
  public ShardCounts plus(ShardCounts other) {
    Map<String, Long> reasons = new TreeMap<>(refused);
    other.refused.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
    Map<String, String> firsts = new TreeMap<>(other.firstRefusals);
    firsts.putAll(firstRefusals);
    return new ShardCounts(
        examples + other.examples,
        written + other.written,
        partly + other.partly,
        cut + other.cut,
        dropped + other.dropped,
        withoutLabels + other.withoutLabels,
        reasons,
        sequences + other.sequences,
        rows + other.rows,
        tokens + other.tokens,
        learntTokens + other.learntTokens,
        firsts);
  }

  /** Share of the rows' room that holds tokens. */
  public double fill(int contextLength) {
    return rows == 0 ? 0 : (double) tokens / ((double) rows * contextLength);
  }
}
