package io.cria.similarity.bench;

import io.cria.task.SeededRandom;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.RandomAccess;

/**
 * Instruction-like texts in any number. Text i is a function of (seed, i) alone, so any machine can
 * make any part of a corpus, and a corpus of n texts is the beginning of every larger one.
 *
 * <ul>
 *   <li><i>Fresh</i> texts (52 %) are recombined: an opening such as "write a", then phrases of
 *       determiner, adjective and noun joined by connectives, to a length drawn from a skewed
 *       distribution with mean about 18 tokens, least 4.
 *   <li><i>Derived</i> texts are a uniformly drawn earlier text with 0 to 60 % of its tokens
 *       replaced, dropped, doubled or moved, so that scores on both sides of 0.7 occur; chains of
 *       derivations give clusters.
 *   <li>Adjectives and nouns follow Zipf and Mandelbrot's law (frequency about 1/(rank + 20)) over
 *       the words known at i, whose number is 34 (i + 1)<sup>0.6</sup>. The first ranks are the
 *       words listed below, later ones are made of syllables.
 * </ul>
 *
 * <p>At threshold 0.7 the rule drops 35 to 45 % of such texts for n from 100,000 to 10,000,000.
 */
public final class GeneratedTexts extends AbstractList<String> implements RandomAccess {
  private static final double FRESH = 0.52;
  private static final double LARGEST_EDIT = 0.6;
  private static final double WORDS = 34;
  private static final double GROWTH = 0.6;
  private static final double FLAT_RANKS = 20;
  private static final int PRIME = 2_147_483_629;
  private static final long SCATTER = 700_051;
  private static final int LEAST_TOKENS = 4;
  private static final double TAIL_TOKENS = 14;
  private static final int MOST_TOKENS = 120;

  private static final String[] OPENINGS = {
    "write a",
    "write a short",
    "explain the",
    "explain how to use the",
    "describe a",
    "describe the",
    "list three ways to improve the",
    "give me a",
    "give an example of a",
    "suggest a",
    "create a",
    "make a list of every",
    "summarize the",
    "rewrite the",
    "translate the",
    "compare the",
    "find the",
    "what is the",
    "what are the causes of the",
    "how do i fix a",
    "how would you explain a",
    "why is the",
    "come up with a",
    "design a",
    "plan a",
    "name the",
    "calculate the",
    "classify the",
    "identify the",
    "edit the",
    "in one sentence tell me about the",
    "imagine you are a",
    "help me choose a",
    "draft a",
    "outline the",
    "decide whether the",
    "tell a story about a",
    "compose a",
    "generate a",
    "sort the"
  };
  private static final String[] JOINTS = {
    "for the",
    "about a",
    "with a",
    "in the",
    "and the",
    "that has a",
    "of the",
    "from a",
    "using the",
    "without a",
    "between the",
    "to a",
    "and explain the",
    "so that the",
    "when the",
    "by the",
    "on a",
    "because of the",
    "which shows the",
    "like a",
    "then add a",
    "before the",
    "after the",
    "or a"
  };
  private static final String[] ADJECTIVES = {
    "short", "new", "simple", "good", "small", "formal", "local", "funny", "clear", "modern",
        "busy",
    "quiet", "healthy", "common", "public", "daily", "young", "useful", "cheap", "strong", "warm",
        "rare",
    "honest", "distant", "digital", "fresh", "careful", "bright", "gentle", "plain", "rural",
        "polite"
  };
  private static final String[] NOUNS = {
    "story",
    "letter",
    "recipe",
    "list",
    "sentence",
    "city",
    "friend",
    "student",
    "company",
    "product",
    "poem",
    "email",
    "teacher",
    "garden",
    "book",
    "meeting",
    "number",
    "table",
    "holiday",
    "song",
    "house",
    "question",
    "customer",
    "child",
    "lesson",
    "river",
    "market",
    "doctor",
    "kitchen",
    "budget",
    "museum",
    "forest",
    "train",
    "report",
    "paragraph",
    "team",
    "game",
    "speech",
    "review",
    "contract",
    "bicycle",
    "neighbour",
    "library",
    "concert",
    "habit",
    "engine",
    "island",
    "journal",
    "festival",
    "proverb"
  };
  private static final String[] ONSETS = {
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl",
    "r", "s", "sh", "st", "t", "tr", "v", "w"
  };
  private static final String[] RHYMES = {
    "a", "an", "ar", "e", "el", "en", "er", "i", "in", "is", "o", "on", "or", "ou", "u", "um"
  };

  private final long seed;
  private final int size;

  /** The texts 0 to {@code size - 1}. */
  public GeneratedTexts(long seed, int size) {
    this.seed = seed;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String get(int i) {
    return String.join(" ", tokens(i));
  }

  private List<String> tokens(int i) {
    SeededRandom random = SeededRandom.of(seed, "generated-text", 0, i);
    if (i > 0 && random.nextDouble() >= FRESH) {
      List<String> tokens = tokens(random.nextInt(i));
      int edits = (int) (random.nextDouble() * LARGEST_EDIT * tokens.size());
      for (int e = 0; e < edits; e++) {
        edit(tokens, random, i);
      }
      return tokens;
    }
    List<String> tokens = new ArrayList<>();
    int length = length(random);
    addWords(tokens, pick(OPENINGS, random));
    while (true) {
      if (random.nextInt(3) > 0) {
        tokens.add(word(ADJECTIVES, random, i));
      }
      tokens.add(word(NOUNS, random, i));
      if (tokens.size() >= length) {
        return tokens;
      }
      addWords(tokens, pick(JOINTS, random));
    }
  }

  private static int length(SeededRandom random) {
    double tail = -TAIL_TOKENS * Math.log(1 - random.nextDouble());
    return Math.min(MOST_TOKENS, LEAST_TOKENS + (int) tail);
  }

  private static void edit(List<String> tokens, SeededRandom random, int i) {
    int at = random.nextInt(tokens.size());
    switch (random.nextInt(8)) {
      case 0 -> tokens.add(at, tokens.get(at));
      case 1 -> Collections.swap(tokens, at, random.nextInt(tokens.size()));
      case 2, 3 -> {
        if (tokens.size() > LEAST_TOKENS) {
          tokens.remove(at);
        }
      }
      default -> tokens.set(at, word(random.nextInt(2) == 0 ? ADJECTIVES : NOUNS, random, i));
    }
  }

  /** A word of one kind by that law over the ranks known at i. */
  private static String word(String[] listed, SeededRandom random, int i) {
    double known = Math.max(WORDS / 2 * Math.pow(i + 1.0, GROWTH), listed.length);
    double spread = Math.log((known + FLAT_RANKS) / FLAT_RANKS);
    int rank = (int) (FLAT_RANKS * Math.expm1(random.nextDouble() * spread));
    return rank < listed.length ? listed[rank] : made(2 * rank + (listed == NOUNS ? 1 : 0));
  }

  /**
   * The {@code rank}-th made word: the rank, scattered over a prime's residues, in syllables as
   * digits.
   */
  private static String made(int rank) {
    StringBuilder word = new StringBuilder();
    for (int rest = (int) ((rank + 1L) * SCATTER % PRIME); rest > 0; ) {
      word.append(ONSETS[rest % ONSETS.length]);
      rest /= ONSETS.length;
      word.append(RHYMES[rest % RHYMES.length]);
      rest /= RHYMES.length;
    }
    return word.toString();
  }

  private static String pick(String[] from, SeededRandom random) {
    return from[random.nextInt(from.length)];
  }

  private static void addWords(List<String> tokens, String phrase) {
    Collections.addAll(tokens, phrase.split(" "));
  }
}
