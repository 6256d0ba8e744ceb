package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The published rule as a plain loop: each text against every text kept before it, by the textbook
 * dynamic program. The oracle of this package's tests; shares no code with the engine but the
 * tokenizer.
 */
final class NaiveRule {
  private final Tokenizer tokenizer;
  private final double threshold;
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<int[]> kept = new ArrayList<>();

  NaiveRule(Tokenizer tokenizer, double threshold) {
    this.tokenizer = tokenizer;
    this.threshold = threshold;
  }

  /** Position of the earliest kept neighbour and the score; position -1 when the text was kept. */
  record Decision(int neighbour, double score) {}

  List<Decision> select(List<String> batch) {
    List<Decision> decisions = new ArrayList<>();
    for (String text : batch) {
      int[] tokens = tokens(text);
      Decision decision = earliest(tokens);
      if (decision.neighbour() < 0) {
        kept.add(tokens);
      }
      decisions.add(decision);
    }
    return decisions;
  }

  private Decision earliest(int[] tokens) {
    for (int i = 0; i < kept.size(); i++) {
      int[] other = kept.get(i);
      // F grows with the LCS, so what the shorter text's length cannot reach needs no program.
      if (score(Math.min(tokens.length, other.length), tokens.length, other.length) > threshold) {
        double score = score(lcs(tokens, other), tokens.length, other.length);
        if (score > threshold) {
          return new Decision(i, score);
        }
      }
    }
    return new Decision(-1, Double.NaN);
  }

  int[] tokens(String text) {
    return tokenizer.tokens(text).stream()
        .mapToInt(token -> ids.computeIfAbsent(token, t -> ids.size()))
        .toArray();
  }

  static double score(int lcs, int m, int n) {
    if (m == 0 || n == 0) {
      return 0;
    }
    double p = lcs / (double) m;
    double r = lcs / (double) n;
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
  }

  static int lcs(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int token : a) {
      int diagonal = 0;
      for (int j = 1; j <= b.length; j++) {
        int above = row[j];
        row[j] = token == b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row[b.length];
  }

  /** The first text where {@code selection} differs from the loop's decisions. */
  static OptionalInt firstDifference(List<Decision> wanted, Selection selection) {
    for (int i = 0; i < wanted.size(); i++) {
      Decision decision = wanted.get(i);
      if (decision.neighbour() != selection.neighbour(i)
          || Double.compare(decision.score(), selection.score(i)) != 0) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
