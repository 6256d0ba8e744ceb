package io.cria.safety;

import io.cria.task.CriaException;
import io.cria.text.KoreanParticles;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Words to find in a sentence, in order. Terms are separated by spaces: {@code kill|murder} is one
 * of several words, {@code stab*} any word that begins so, {@code @groups} one of a named list,
 * {@code up?} a word that may be missing, and {@code ...} up to {@value #GAP} other words. In
 * Korean a word without a star may be followed by particles: {@code 폭탄} is also 폭탄을 and 폭탄으로, but
 * not 폭탄주.
 *
 * <p>{@code i|we'll ... kill|stab* you|him} is in "We'll find out and stabbed him" and not in two
 * sentences.
 */
final class Phrase {
  private static final int GAP = 5;
  private static final String GAP_TERM = "...";
  private static final String KOREAN = "ko";

  private final List<Term> terms;

  /**
   * One place of a phrase.
   *
   * @param words to be found as they are, or with particles
   * @param stems to begin a word
   * @param optional whether it may be missing
   * @param gap whether it stands for up to {@value #GAP} words of any kind
   * @param particles whether particles may follow its words
   */
  private record Term(
      Set<String> words, List<String> stems, boolean optional, boolean gap, boolean particles) {
    boolean fits(String word) {
      if (words.contains(word)) {
        return true;
      }
      for (String stem : stems) {
        if (word.startsWith(stem)) {
          return true;
        }
      }
      int shortest = Math.max(1, word.length() - KoreanParticles.LONGEST);
      for (int end = word.length() - 1; particles && end >= shortest; end--) {
        if (words.contains(word.substring(0, end)) && KoreanParticles.are(word.substring(end))) {
          return true;
        }
      }
      return false;
    }
  }

  private Phrase(List<Term> terms) {
    this.terms = terms;
  }

  /**
   * Reads a phrase of a file.
   *
   * @throws CriaException (bad input) for an unknown list or a phrase without a word
   */
  static Phrase of(String phrase, String language, Map<String, List<String>> lists) {
    List<Term> terms = new ArrayList<>();
    for (String term : phrase.strip().split("\\s+")) {
      terms.add(term(term, phrase, language.equals(KOREAN), lists));
    }
    if (terms.get(0).gap() || terms.get(0).optional() || terms.get(terms.size() - 1).gap()) {
      throw CriaException.badInput(
          "the moderation phrase '" + phrase + "' must begin and end with a word");
    }
    return new Phrase(List.copyOf(terms));
  }

  private static Term term(
      String term, String phrase, boolean particles, Map<String, List<String>> lists) {
    if (term.equals(GAP_TERM)) {
      return new Term(Set.of(), List.of(), true, true, false);
    }
    boolean optional = term.endsWith("?");
    Set<String> words = new HashSet<>();
    List<String> stems = new ArrayList<>();
    for (String word : (optional ? term.substring(0, term.length() - 1) : term).split("\\|")) {
      List<String> meant =
          word.startsWith("@") ? lists.getOrDefault(word.substring(1), List.of()) : List.of(word);
      if (meant.isEmpty()) {
        throw CriaException.badInput(
            "the moderation phrase '" + phrase + "' names a list that is not there: " + word);
      }
      for (String each : meant) {
        if (each.endsWith("*")) {
          stems.add(each.substring(0, each.length() - 1));
        } else {
          words.add(each);
        }
      }
    }
    return new Term(Set.copyOf(words), List.copyOf(stems), optional, false, particles);
  }

  /** What a word must begin with, or be, for the phrase to begin there. */
  Set<String> beginnings() {
    Set<String> beginnings = new HashSet<>(terms.get(0).words());
    beginnings.addAll(terms.get(0).stems());
    return beginnings;
  }

  /** After the last word of the phrase where it begins at {@code at}, else -1. */
  int endAt(List<Word> words, int at) {
    return end(words, at, words.get(at).sentence(), 0);
  }

  private int end(List<Word> words, int at, int sentence, int term) {
    if (term == terms.size()) {
      return at;
    }
    Term wanted = terms.get(term);
    if (wanted.gap()) {
      for (int skipped = 0; skipped <= GAP; skipped++) {
        int end = end(words, at + skipped, sentence, term + 1);
        if (end >= 0) {
          return end;
        }
      }
      return -1;
    }
    boolean here =
        at < words.size()
            && words.get(at).sentence() == sentence
            && wanted.fits(words.get(at).text());
    int end = here ? end(words, at + 1, sentence, term + 1) : -1;
    return end < 0 && wanted.optional() ? end(words, at, sentence, term + 1) : end;
  }
}
