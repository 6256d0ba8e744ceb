package io.cria.safety;

/**
 * A place in a text that tells something personal.
 *
 * @param kind what it tells
 * @param start the first UTF-16 unit
 * @param end after the last one
 * @param masked what may be shown instead: enough to know the place again, too little to use
 */
public record PiiMatch(PiiKind kind, int start, int end, String masked) {
  public PiiMatch {
    if (start < 0 || end <= start) {
      throw new IllegalArgumentException("no place in a text: " + start + " to " + end);
    }
  }

  boolean overlaps(PiiMatch other) {
    return start < other.end && other.start < end;
  }
}
