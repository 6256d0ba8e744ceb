package io.cria.llm.limit;

/**
 * What one asker has seen since it began, and what it could use. Counts grow, so that a message
 * that is lost takes nothing along.
 *
 * @param sent requests
 * @param accepted of them, those that no rate limit refused; of answers so far
 * @param refused of them, those that one did
 * @param slowDowns of the refused, those that asked for a lower rate for a long while
 * @param wantsRequests requests a second that it could send
 * @param wantsTokens tokens a second that these would take
 * @param startsWith requests a second that it would like to begin with while no limit is known
 * @param toldRequests the endpoint's limit by its own word, a second; infinite where it told none
 * @param toldTokens likewise
 * @param pauseSeconds for how long the endpoint wants nothing
 * @param heldRequests requests a second of the lease that it holds; 0 where that has ended
 * @param heldTokens likewise
 */
public record Observed(
    long sent,
    long accepted,
    long refused,
    long slowDowns,
    double wantsRequests,
    double wantsTokens,
    double startsWith,
    double toldRequests,
    double toldTokens,
    double pauseSeconds,
    double heldRequests,
    double heldTokens) {
  /** Of one that has not begun. */
  static final Observed NOTHING =
      new Observed(
          0, 0, 0, 0, 0, 0, 0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 0, 0);

  private static final int COUNTS = 4;

  /** As a message carries it. */
  public double[] toDoubles() {
    return new double[] {
      sent,
      accepted,
      refused,
      slowDowns,
      wantsRequests,
      wantsTokens,
      startsWith,
      toldRequests,
      toldTokens,
      pauseSeconds,
      heldRequests,
      heldTokens
    };
  }

  /** What {@link #toDoubles} made. */
  public static Observed of(double[] d) {
    return new Observed(
        (long) d[0],
        (long) d[1],
        (long) d[2],
        (long) d[COUNTS - 1],
        d[COUNTS],
        d[COUNTS + 1],
        d[COUNTS + 2],
        d[COUNTS + 3],
        d[COUNTS + 4],
        d[COUNTS + 5],
        d[COUNTS + 6],
        d[COUNTS + 7]);
  }
}
