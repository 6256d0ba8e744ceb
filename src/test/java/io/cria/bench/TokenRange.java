package io.cria.bench;

import io.cria.task.SeededRandom;

/**
 * Tokens that an answer's usage tells, both ends included; a function of the request's body.
 *
 * @param least at least 1; 0 where the text's length is told
 * @param most at least {@code least}
 */
record TokenRange(int least, int most) {
  static final TokenRange BY_LENGTH = new TokenRange(0, 0);

  private static final long DRAW = 0x70C0;

  TokenRange {
    if (least < 0 || most < least) {
      throw new IllegalArgumentException(
          "--completion-tokens "
              + least
              + ":"
              + most
              + ": from the fewest, at least 1, to the most");
    }
  }

  /** Reads {@code MIN:MAX}. */
  static TokenRange parse(String text) {
    double[] pair = ServerOptions.pair("--completion-tokens", text, "MIN:MAX");
    if (pair[0] < 1 || pair[0] != Math.rint(pair[0]) || pair[1] != Math.rint(pair[1])) {
      throw new IllegalArgumentException(
          "--completion-tokens " + text + ": whole numbers are wanted, at least 1");
    }
    return new TokenRange((int) pair[0], (int) pair[1]);
  }

  boolean isByLength() {
    return most == 0;
  }

  int draw(long hash) {
    return least + new SeededRandom(hash ^ DRAW).nextInt(most - least + 1);
  }
}
