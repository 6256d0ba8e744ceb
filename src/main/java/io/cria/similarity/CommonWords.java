package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Two texts side by side with the words marked that they have in common: a longest common
 * subsequence of their tokens, which is what the similarity rule measures.
 *
 * @param left the first text in pieces
 * @param right the second
 * @param score ROUGE-L F of the two
 * @param common tokens in the subsequence
 */
public record CommonWords(List<Piece> left, List<Piece> right, double score, int common) {
  /** Beyond so many comparisons nothing is marked: such texts nobody reads side by side. */
  private static final long MOST_CELLS = 16_000_000;

  /**
   * A part of a text.
   *
   * @param common whether the other text has it too, in order
   */
  public record Piece(String text, boolean common) {}

  public CommonWords {
    left = List.copyOf(left);
    right = List.copyOf(right);
  }

  /** Compares two texts; of very long ones nothing is marked. */
  public static CommonWords of(String left, String right, Tokenizer tokenizer) {
    List<Tokenizer.Placed> first = tokenizer.placed(left);
    List<Tokenizer.Placed> second = tokenizer.placed(right);
    List<String> firstTokens = texts(first);
    List<String> secondTokens = texts(second);
    BitSet inFirst = new BitSet();
    BitSet inSecond = new BitSet();
    if ((long) first.size() * second.size() <= MOST_CELLS) {
      mark(firstTokens, secondTokens, inFirst, inSecond);
    }
    return new CommonWords(
        pieces(left, first, inFirst),
        pieces(right, second, inSecond),
        RougeL.f(firstTokens, secondTokens),
        RougeL.lcs(firstTokens, secondTokens));
  }

  private static List<String> texts(List<Tokenizer.Placed> tokens) {
    return tokens.stream().map(Tokenizer.Placed::text).toList();
  }

  /** Walks along one longest common subsequence; the earliest places are taken. */
  private static void mark(
      List<String> first, List<String> second, BitSet inFirst, BitSet inSecond) {
    int[][] rest = new int[first.size() + 1][second.size() + 1];
    for (int i = first.size() - 1; i >= 0; i--) {
      for (int j = second.size() - 1; j >= 0; j--) {
        rest[i][j] =
            first.get(i).equals(second.get(j))
                ? rest[i + 1][j + 1] + 1
                : Math.max(rest[i + 1][j], rest[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < first.size() && j < second.size()) {
      if (first.get(i).equals(second.get(j))) {
        inFirst.set(i++);
        inSecond.set(j++);
      } else if (rest[i + 1][j] >= rest[i][j + 1]) {
        i++;
      } else {
        j++;
      }
    }
  }

  /** Cuts a text at its marked tokens. */
  private static List<Piece> pieces(String text, List<Tokenizer.Placed> tokens, BitSet marked) {
    List<Piece> pieces = new ArrayList<>();
    int told = 0;
    for (int i = marked.nextSetBit(0); i >= 0; i = marked.nextSetBit(i + 1)) {
      Tokenizer.Placed token = tokens.get(i);
      if (token.start() > told) {
        pieces.add(new Piece(text.substring(told, token.start()), false));
      }
      pieces.add(new Piece(text.substring(token.start(), token.end()), true));
      told = token.end();
    }
    if (told < text.length()) {
      pieces.add(new Piece(text.substring(told), false));
    }
    return pieces;
  }
}
