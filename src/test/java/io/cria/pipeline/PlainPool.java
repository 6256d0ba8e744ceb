package io.cria.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The rule against near-duplicates as the published program has it: one loop over everything
 * accepted so far, one table per pair, doubles.
 */
final class PlainPool {
  private static final double THRESHOLD = 0.7;

  private final Function<String, List<String>> cut;
  private final List<String> ids = new ArrayList<>();
  private final List<int[]> texts = new ArrayList<>();
  private final Map<String, Integer> words = new HashMap<>();

  /** The table of a pair, one row and one column of noughts before it; used again and again. */
  private int[][] lcs = new int[64][64];

  /** By the words of the published rule. */
  PlainPool() {
    this(PlainPool::englishWords);
  }

  /**
   * @param cut a text to its tokens
   */
  PlainPool(Function<String, List<String>> cut) {
    this.cut = cut;
  }

  /** The first accepted text that is too near, with its score; null where there is none. */
  record Near(String id, double score) {}

  void accept(String id, String text) {
    ids.add(id);
    texts.add(tokens(text));
  }

  int size() {
    return ids.size();
  }

  @org.jspecify.annotations.Nullable
  Near near(String text) {
    int[] tokens = tokens(text);
    for (int i = 0; i < texts.size(); i++) {
      double score = rougeL(tokens, texts.get(i));
      if (score > THRESHOLD) {
        return new Near(ids.get(i), score);
      }
    }
    return null;
  }

  /** Each token as a number. */
  private int[] tokens(String text) {
    return cut.apply(text).stream()
        .mapToInt(token -> words.computeIfAbsent(token, w -> words.size()))
        .toArray();
  }

  /** Runs of a to z and 0 to 9 after lower-casing. */
  private static List<String> englishWords(String text) {
    List<String> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (char c : (text.toLowerCase(Locale.ROOT) + " ").toCharArray()) {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        word.append(c);
      } else if (word.length() > 0) {
        tokens.add(word.toString());
        word.setLength(0);
      }
    }
    return tokens;
  }

  private double rougeL(int[] one, int[] other) {
    int size = 1 + Math.max(one.length, other.length);
    if (lcs.length < size) {
      lcs = new int[size][size];
    }
    for (int i = 1; i <= one.length; i++) {
      for (int j = 1; j <= other.length; j++) {
        lcs[i][j] =
            one[i - 1] == other[j - 1]
                ? lcs[i - 1][j - 1] + 1
                : Math.max(lcs[i - 1][j], lcs[i][j - 1]);
      }
    }
    int common = lcs[one.length][other.length];
    if (common == 0) {
      return 0;
    }
    double precision = (double) common / one.length;
    double recall = (double) common / other.length;
    return 2 * precision * recall / (precision + recall);
  }
}
