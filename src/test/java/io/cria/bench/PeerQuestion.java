package io.cria.bench;

/** What the compared clients ask: three kilobytes, another text for every row. */
public final class PeerQuestion {
  private static final String SEEDS = "Words of a seed task. ".repeat(136);

  private PeerQuestion() {}

  /** The prompt of a row; {@code scripts/bench-client-peers.py} makes the same. */
  public static String of(int row) {
    return "Tasks, set " + row + ":\n1. Instruction: " + SEEDS + "\n###\n4. Instruction:";
  }
}
