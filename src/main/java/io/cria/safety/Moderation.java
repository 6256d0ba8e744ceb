package io.cria.safety;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Scores texts by rules: without a model, a price or a network, and as plainly wrong as words
 * without understanding are. It is a first look that finds what is said outright. Thread-safe.
 */
public final class Moderation {
  /** From this score on a category is flagged. */
  public static final double THRESHOLD = 0.5;

  private final List<Compiled> rules = new ArrayList<>();

  /** By what a word must begin with: phrases that may begin there, so that few are tried. */
  private final Map<String, List<Start>> starts = new HashMap<>();

  /** The length of the longest one of these. */
  private int longest;

  private record Compiled(String name, ModerationCategory category, double score) {}

  /**
   * A phrase where it may begin.
   *
   * @param rule the place of its rule
   * @param excuse whether it is an exception
   */
  private record Start(int rule, boolean excuse, Phrase phrase) {}

  /** Where a phrase stands, from and to a word. */
  private record Found(int from, int to) {}

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
      for (ModerationRule rule : file.rules()) {
        rule.any().forEach(phrase -> index(phrase, false, file));
        rule.unless().forEach(phrase -> index(phrase, true, file));
        rules.add(
            new Compiled(
                file.language() + "/" + rule.name(),
                ModerationCategory.named(rule.category()),
                rule.score()));
      }
    }
  }

  private void index(String text, boolean excuse, ModerationRules file) {
    Phrase phrase = Phrase.of(text, file.language(), file.lists());
    Start start = new Start(rules.size(), excuse, phrase);
    for (String beginning : phrase.beginnings()) {
      starts.computeIfAbsent(beginning, each -> new ArrayList<>()).add(start);
      longest = Math.max(longest, beginning.length());
    }
  }

  /** Scores a text. */
  public Result score(String text) {
    List<Word> words = Word.of(text);
    Map<ModerationCategory, Double> innocent = new EnumMap<>(ModerationCategory.class);
    for (ModerationCategory category : ModerationCategory.values()) {
      innocent.put(category, 1.0);
    }
    List<Optional<Found>> found = found(words);
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      Compiled rule = rules.get(i);
      found
          .get(i)
          .ifPresent(
              place -> {
                innocent.merge(rule.category(), 1 - rule.score(), (a, b) -> a * b);
                int start = words.get(place.from()).start();
                int end = words.get(place.to() - 1).end();
                hits.add(new Hit(rule.name(), rule.category(), start, end));
              });
    }
    Map<ModerationCategory, Double> scores = new EnumMap<>(ModerationCategory.class);
    innocent.forEach((category, share) -> scores.put(category, 1 - share));
    return new Result(scores, hits);
  }

  /** By rule, the first place in a sentence not excused. */
  private List<Optional<Found>> found(List<Word> words) {
    Map<Integer, List<Found>> places = new HashMap<>();
    Map<Integer, Set<Integer>> excused = new HashMap<>();
    for (int at = 0; at < words.size(); at++) {
      String word = words.get(at).text();
      for (int length = 1; length <= Math.min(word.length(), longest); length++) {
        for (Start start : starts.getOrDefault(word.substring(0, length), List.of())) {
          int end = start.phrase().endAt(words, at);
          if (end > at && start.excuse()) {
            excused
                .computeIfAbsent(start.rule(), rule -> new HashSet<>())
                .add(words.get(at).sentence());
          } else if (end > at) {
            places.computeIfAbsent(start.rule(), rule -> new ArrayList<>()).add(new Found(at, end));
          }
        }
      }
    }
    List<Optional<Found>> found = new ArrayList<>();
    for (int rule = 0; rule < rules.size(); rule++) {
      Set<Integer> sentences = excused.getOrDefault(rule, Set.of());
      found.add(
          places.getOrDefault(rule, List.of()).stream()
              .filter(place -> !sentences.contains(words.get(place.from()).sentence()))
              .findFirst());
    }
    return found;
  }
}
