package io.cria.safety;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Scores texts by rules: without a model, a price or a network, and as plainly wrong as words
 * without understanding are. It is a first look that finds what is said outright. Thread-safe.
 */
public final class Moderation {
  /** From this score on a category is flagged. */
  public static final double THRESHOLD = 0.5;

  private final List<Compiled> rules = new ArrayList<>();

  private record Compiled(
      String name,
      ModerationCategory category,
      double score,
      List<Phrase> any,
      List<Phrase> unless) {
    static Compiled of(ModerationRule rule, ModerationRules file) {
      return new Compiled(
          file.language() + "/" + rule.name(),
          ModerationCategory.named(rule.category()),
          rule.score(),
          phrases(rule.any(), file),
          phrases(rule.unless(), file));
    }

    private static List<Phrase> phrases(List<String> phrases, ModerationRules file) {
      return phrases.stream()
          .map(phrase -> Phrase.of(phrase, file.language(), file.lists()))
          .toList();
    }
  }

  /**
   * What a rule found.
   *
   * @param rule language and name, {@code en/threat}
   * @param category of the rule
   * @param start the first UTF-16 unit of the phrase in the text
   * @param end after its last one
   */
  public record Hit(String rule, ModerationCategory category, int start, int end) {}

  /**
   * What was found in a text.
   *
   * @param scores of every category in [0, 1]: 1 less the product of (1 - score) over the rules
   *     that hit, each counted once
   * @param hits the first of every rule that hit
   */
  public record Result(Map<ModerationCategory, Double> scores, List<Hit> hits) {
    public Result {
      scores = Collections.unmodifiableMap(new EnumMap<>(scores));
      hits = List.copyOf(hits);
    }

    public double score(ModerationCategory category) {
      return scores.getOrDefault(category, 0.0);
    }

    /** Whether a category reaches {@link #THRESHOLD}. */
    public boolean flagged() {
      return scores.values().stream().anyMatch(score -> score >= THRESHOLD);
    }
  }

  /**
   * Makes a moderation of the rules of one or more languages; a text is held against all of them.
   *
   * @throws io.cria.task.CriaException (bad input) where a phrase is malformed
   */
  public Moderation(List<ModerationRules> files) {
    for (ModerationRules file : files) {
      file.rules().forEach(rule -> rules.add(Compiled.of(rule, file)));
    }
  }

  /** Scores a text. */
  public Result score(String text) {
    List<Word> words = Word.of(text);
    Map<ModerationCategory, Double> innocent = new EnumMap<>(ModerationCategory.class);
    for (ModerationCategory category : ModerationCategory.values()) {
      innocent.put(category, 1.0);
    }
    List<Hit> hits = new ArrayList<>();
    for (Compiled rule : rules) {
      int[] place = place(rule, words);
      if (place.length > 0) {
        innocent.merge(rule.category(), 1 - rule.score(), (a, b) -> a * b);
        hits.add(
            new Hit(
                rule.name(),
                rule.category(),
                words.get(place[0]).start(),
                words.get(place[1] - 1).end()));
      }
    }
    Map<ModerationCategory, Double> scores = new EnumMap<>(ModerationCategory.class);
    innocent.forEach((category, share) -> scores.put(category, 1 - share));
    return new Result(scores, hits);
  }

  /** The first words [from, to) that a rule finds in a sentence not excused; empty for none. */
  private static int[] place(Compiled rule, List<Word> words) {
    Set<Integer> excused = new HashSet<>();
    for (int at = 0; at < words.size(); at++) {
      if (end(rule.unless(), words, at) > at) {
        excused.add(words.get(at).sentence());
      }
    }
    for (int at = 0; at < words.size(); at++) {
      int end = end(rule.any(), words, at);
      if (end > at && !excused.contains(words.get(at).sentence())) {
        return new int[] {at, end};
      }
    }
    return new int[0];
  }

  private static int end(List<Phrase> phrases, List<Word> words, int at) {
    for (Phrase phrase : phrases) {
      int end = phrase.endAt(words, at);
      if (end > at) {
        return end;
      }
    }
    return -1;
  }
}
