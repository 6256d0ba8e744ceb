package io.cria.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The merge list that makes a ranked BPE do what SentencePiece does with scored pieces.
 * SentencePiece joins, again and again, the neighbours whose union has the best score; so every way
 * to join two pieces into a third is a merge, ranked by the third's score.
 */
final class SentencePieceMerges {
  /** What SentencePiece writes for a space (U+2581). */
  static final String SPACE = "\u2581";

  private SentencePieceMerges() {}

  /** Two neighbours that become one piece. */
  record Merge(String left, String right, float score) {}

  /** The merges in order; control, byte and unknown tokens take no part. */
  static List<Merge> of(List<String> tokens, float[] scores, long[] types) {
    Map<String, Integer> pieces = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      if (types[id] == GgufTokenizer.NORMAL || types[id] == GgufTokenizer.USER_DEFINED) {
        pieces.put(tokens.get(id), id);
      }
    }
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      if (types[id] == GgufTokenizer.NORMAL) {
        merges.addAll(waysTo(tokens.get(id), scores[id], pieces));
      }
    }
    merges.sort(Comparator.comparingDouble((Merge merge) -> -merge.score));
    return merges;
  }

  private static List<Merge> waysTo(String token, float score, Map<String, Integer> pieces) {
    List<Merge> ways = new ArrayList<>();
    for (int cut = token.offsetByCodePoints(0, 1);
        cut < token.length();
        cut = token.offsetByCodePoints(cut, 1)) {
      String left = token.substring(0, cut);
      String right = token.substring(cut);
      if (pieces.containsKey(left) && pieces.containsKey(right)) {
        ways.add(new Merge(left, right, score));
      }
    }
    return ways;
  }
}
