package io.cria.storage;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What asking came to, over all attempts: also those that failed, were lost or superseded.
 *
 * @param requests planned
 * @param usable of them, those whose counting answer brought a text
 * @param failed of them, those that ended by the transport's fault
 * @param attempts records in the ledger
 * @param suspectedPaid attempts without an answer that the provider may have billed
 * @param promptTokens tokens sent, the cached ones included
 * @param cachedTokens of them, those the provider had cached
 * @param completionTokens tokens generated
 * @param usd sum of the known prices
 * @param unpriced answers without a known price
 * @param unsure what of it is not known for sure
 * @param outcomes attempts by outcome
 * @param won of the counting answers alone
 * @param segments of the ledger that it was summed over
 * @param firstFailures the server's own words for the first requests that brought nothing, in
 *     request order
 * @param damage torn or damaged lines in the segments, each with its place
 */
public record AskedTotals(
    long requests,
    long usable,
    long failed,
    long attempts,
    long suspectedPaid,
    long promptTokens,
    long cachedTokens,
    long completionTokens,
    BigDecimal usd,
    long unpriced,
    Unsure unsure,
    Map<String, Long> outcomes,
    Won won,
    List<Segment> segments,
    List<String> firstFailures,
    List<String> damage)
    implements Serializable {
  /** How many first failures are kept. */
  public static final int FAILURES_TOLD = 3;

  /**
   * The answers that count, one a request.
   *
   * @param answers of them
   * @param promptTokens of these
   * @param completionTokens of these
   * @param usd of these with a known price
   * @param unpriced those without one
   */
  public record Won(
      long answers, long promptTokens, long completionTokens, BigDecimal usd, long unpriced)
      implements Serializable {
    public static final Won NONE = new Won(0, 0, 0, BigDecimal.ZERO, 0);

    public Won plus(Won other) {
      return new Won(
          answers + other.answers,
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens,
          usd.add(other.usd),
          unpriced + other.unpriced);
    }
  }

  /**
   * What is not known for sure, as it counts against a cap.
   *
   * @param tokens at worst, of attempts of which it is not known what was billed
   * @param usd at worst, of the same
   * @param promptTokens of answers without a known price
   * @param completionTokens of the same
   */
  public record Unsure(long tokens, BigDecimal usd, long promptTokens, long completionTokens)
      implements Serializable {
    public static final Unsure NONE = new Unsure(0, BigDecimal.ZERO, 0, 0);

    public Unsure plus(Unsure other) {
      return new Unsure(
          tokens + other.tokens,
          usd.add(other.usd),
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens);
    }
  }

  /**
   * A segment of the ledger.
   *
   * @param name below the run directory
   * @param bytes that were read
   * @param records in them
   */
  public record Segment(String name, long bytes, long records) implements Serializable {}

  public static final AskedTotals NONE =
      new AskedTotals(
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          BigDecimal.ZERO,
          0,
          Unsure.NONE,
          Map.of(),
          Won.NONE,
          List.of(),
          List.of(),
          List.of());

  public AskedTotals {
    // a manifest of 0.2.0 has none
    unsure = unsure == null ? Unsure.NONE : unsure;
    outcomes = new TreeMap<>(outcomes);
    segments = List.copyOf(segments);
    firstFailures = List.copyOf(firstFailures);
    damage = List.copyOf(damage);
  }

  /** Both together; of the first failures this one's come first. The segments are left out. */
  public AskedTotals plus(AskedTotals other) {
    Map<String, Long> sum = new TreeMap<>(outcomes);
    other.outcomes.forEach((word, count) -> sum.merge(word, count, Long::sum));
    List<String> failures = new ArrayList<>(firstFailures);
    failures.addAll(other.firstFailures);
    List<String> lines = new ArrayList<>(damage);
    lines.addAll(other.damage);
    return new AskedTotals(
        requests + other.requests,
        usable + other.usable,
        failed + other.failed,
        attempts + other.attempts,
        suspectedPaid + other.suspectedPaid,
        promptTokens + other.promptTokens,
        cachedTokens + other.cachedTokens,
        completionTokens + other.completionTokens,
        usd.add(other.usd),
        unpriced + other.unpriced,
        unsure.plus(other.unsure),
        sum,
        won.plus(other.won),
        List.of(),
        failures.subList(0, Math.min(FAILURES_TOLD, failures.size())),
        lines);
  }
}
