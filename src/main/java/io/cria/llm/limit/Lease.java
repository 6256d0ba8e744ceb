package io.cria.llm.limit;

/**
 * What one asker may do until the lease ends or is renewed. Infinite where nothing is bounded.
 *
 * @param requestsPerSecond to send
 * @param tokensPerSecond to take, prompts and answers together
 * @param seconds how long it holds, from the moment it was asked for
 * @param pauseSeconds how long nothing is to be sent at all, because the endpoint said so to
 *     anybody
 */
public record Lease(
    double requestsPerSecond, double tokensPerSecond, double seconds, double pauseSeconds) {
  /** Nothing is bounded. */
  public static final Lease FREE =
      new Lease(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);

  /** Whether it bounds anything: only then it must not be used beyond its end. */
  public boolean isBounded() {
    return requestsPerSecond < Double.POSITIVE_INFINITY
        || tokensPerSecond < Double.POSITIVE_INFINITY;
  }

  /** As a message carries it. */
  public double[] toDoubles() {
    return new double[] {requestsPerSecond, tokensPerSecond, seconds, pauseSeconds};
  }

  /** What {@link #toDoubles} made. */
  public static Lease of(double[] doubles) {
    return new Lease(doubles[0], doubles[1], doubles[2], doubles[3]);
  }
}
