package io.cria.llm;

/** Whether the answers that end a stage's requests are of any use. Thread-safe. */
final class Usefulness {
  static final int AT_FIRST = 16;
  static final int IN_A_ROW = 64;

  private int uselessInARow;
  private boolean everUseful;

  /**
   * Counts an answer.
   *
   * @param before whether the run had a useful one before this process
   * @return how many useless ones in a row are enough to stop; 0 while they are not
   */
  synchronized int count(boolean useful, boolean before) {
    if (useful) {
      everUseful = true;
      uselessInARow = 0;
      return 0;
    }
    uselessInARow++;
    int most = everUseful || before ? IN_A_ROW : AT_FIRST;
    if (uselessInARow < most) {
      return 0;
    }
    // Who asks again after the stop has mended something: counted anew.
    uselessInARow = 0;
    return most;
  }
}
