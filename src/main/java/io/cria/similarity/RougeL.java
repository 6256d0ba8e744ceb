package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ROUGE-L (Lin, 2004) of single pairs: the F measure with equal weights, as rouge-score computes
 * it.
 */
public final class RougeL {
  private RougeL() {}

  /** F of two texts in [0, 1], 0 when either has no tokens. */
  public static double f(String a, String b, Tokenizer tokenizer) {
    return f(tokenizer.tokens(a), tokenizer.tokens(b));
  }

  /** F of two token lists in [0, 1], 0 when either is empty. */
  public static double f(List<String> a, List<String> b) {
    return RequiredLcs.f(lcs(a, b), a.size(), b.size());
  }

  /** Length of the longest common subsequence. */
  public static int lcs(List<String> a, List<String> b) {
    Map<String, Integer> ids = new HashMap<>();
    int[] first = ids(a, ids);
    int[] second = ids(b, ids);
    BitParallelLcs kernel = new BitParallelLcs();
    kernel.prepare(first, 0, first.length, ids.size());
    return kernel.lengthOrLess(second, 0, second.length, 0);
  }

  private static int[] ids(List<String> tokens, Map<String, Integer> ids) {
    return tokens.stream().mapToInt(token -> ids.computeIfAbsent(token, t -> ids.size())).toArray();
  }
}
