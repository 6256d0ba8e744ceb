package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs of n consecutive tokens that a text has in common with one of a list of known texts; a known
 * text of fewer than n tokens counts whole, unless the tokenizer passes over some of its letters or
 * digits, so that its tokens are not the whole. Decided exactly. Thread-safe.
 */
final class SharedGrams {
  private static final int UNKNOWN = -1;

  private final Tokenizer tokenizer;
  private final Map<String, Integer> ids = new HashMap<>();

  /** Each run to the known texts that have it, ascending. */
  private final Map<Gram, List<Integer>> known = new HashMap<>();

  /** By known text, how many different runs it has. */
  private final int[] sizes;

  /** Lengths of runs that there are: n, and those of shorter texts. */
  private final Set<Integer> lengths = new TreeSet<>();

  /** A run of tokens. */
  private static final class Gram {
    private final int[] tokens;

    Gram(int[] tokens) {
      this.tokens = tokens;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Gram gram && Arrays.equals(gram.tokens, tokens);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(tokens);
    }
  }

  /**
   * What a text shares with a known one.
   *
   * @param text the earliest known text that it shares a run with
   * @param share of that text's different runs that stand in the text; above 0, at most 1
   * @param words the first of these runs
   */
  record Shared(int text, double share, String words) {}

  /**
   * @param n tokens of a run, at least 1
   */
  SharedGrams(Tokenizer tokenizer, int n, List<String> texts) {
    this.tokenizer = tokenizer;
    this.sizes = new int[texts.size()];
    for (int text = 0; text < sizes.length; text++) {
      int[] tokens =
          tokenizer.tokens(texts.get(text)).stream()
              .mapToInt(token -> ids.computeIfAbsent(token, t -> ids.size()))
              .toArray();
      if (tokens.length == 0 || (tokens.length < n && !isWhole(tokenizer, texts.get(text)))) {
        continue;
      }
      int length = Math.min(n, tokens.length);
      lengths.add(length);
      Set<Gram> grams = new LinkedHashSet<>();
      for (int at = 0; at + length <= tokens.length; at++) {
        grams.add(new Gram(Arrays.copyOfRange(tokens, at, at + length)));
      }
      sizes[text] = grams.size();
      for (Gram gram : grams) {
        known.computeIfAbsent(gram, each -> new ArrayList<>()).add(text);
      }
    }
  }

  /** Whether every letter and digit of a text is in one of its tokens. */
  static boolean isWhole(Tokenizer tokenizer, String text) {
    return letters(String.join("", tokenizer.tokens(text))) == letters(text);
  }

  private static long letters(String text) {
    return text.codePoints().filter(Character::isLetterOrDigit).count();
  }

  /** What the text shares with the earliest of the known texts that it shares a run with. */
  Optional<Shared> find(String text) {
    List<String> words = tokenizer.tokens(text);
    int[] tokens = words.stream().mapToInt(word -> ids.getOrDefault(word, UNKNOWN)).toArray();
    int earliest = Integer.MAX_VALUE;
    Map<Gram, Integer> found = new LinkedHashMap<>();
    for (int length : lengths) {
      for (int at = 0; at + length <= tokens.length; at++) {
        Gram gram = new Gram(Arrays.copyOfRange(tokens, at, at + length));
        List<Integer> texts = known.get(gram);
        if (texts != null) {
          found.putIfAbsent(gram, at);
          earliest = Math.min(earliest, texts.get(0));
        }
      }
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(shared(earliest, found, words));
  }

  private Shared shared(int text, Map<Gram, Integer> found, List<String> words) {
    int count = 0;
    int first = Integer.MAX_VALUE;
    int length = 0;
    for (Map.Entry<Gram, Integer> entry : found.entrySet()) {
      List<Integer> texts = known.getOrDefault(entry.getKey(), List.of());
      if (texts.contains(text)) {
        count++;
        first = Math.min(first, entry.getValue());
        length = entry.getKey().tokens.length; // all runs of a text have one length
      }
    }
    return new Shared(
        text, (double) count / sizes[text], String.join(" ", words.subList(first, first + length)));
  }
}
