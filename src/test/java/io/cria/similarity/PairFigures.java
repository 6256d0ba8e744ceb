package io.cria.similarity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.SeededRandom;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * How well a unit of comparison tells the same task in other words from another task in the same
 * form: precision and recall over labelled pairs, threshold by threshold, and beside them the share
 * of pairs above it that were put together by chance. {@link #main} prints the table by which the
 * Korean recipes' tokenizer was chosen, and the published rule's for English.
 */
public final class PairFigures {
  static final String KOREAN = "/korean/similarity-pairs.jsonl";
  static final String ENGLISH = "/similarity/english-pairs.jsonl";

  private static final double[] THRESHOLDS = {0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85};
  private static final int BY_CHANCE = 2_000;

  private PairFigures() {}

  /** A labelled pair; the label of one that chance made is false. */
  record Pair(String a, String b, boolean same, String kind) {}

  /** Over pairs: of those above the threshold, and of those that are the same. */
  record Figures(double precision, double recall) {}

  public static void main(String[] args) {
    List<Pair> korean = read(KOREAN);
    Map<String, Function<String, List<String>>> units = new LinkedHashMap<>();
    units.put("words (unicode-1)", Tokenizer.named("unicode-1")::tokens);
    units.put("syllables", PairFigures::syllables);
    units.put("letters", PairFigures::letters);
    units.put("pairs of syllables", PairFigures::bigrams);
    units.put("words without suffixes", PairFigures::stems);
    units.put("korean-1", Tokenizer.named("korean-1")::tokens);
    System.out.println("| unit | threshold | precision | recall | by chance |");
    System.out.println("|---|---:|---:|---:|---:|");
    units.forEach((name, unit) -> print(name, korean, unit));
    print("English, rouge-en", read(ENGLISH), Tokenizer.named("rouge-en")::tokens);
  }

  private static void print(String name, List<Pair> pairs, Function<String, List<String>> unit) {
    List<Pair> chance = byChance(pairs);
    for (double threshold : THRESHOLDS) {
      Figures figures = figures(pairs, unit, threshold);
      long above = chance.stream().filter(pair -> f(pair, unit) > threshold).count();
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.2f | %.2f | %.2f %% |%n",
          name,
          threshold,
          figures.precision(),
          figures.recall(),
          100.0 * above / BY_CHANCE);
    }
  }

  static List<Pair> read(String resource) {
    List<Pair> pairs = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    try (var in = Objects.requireNonNull(PairFigures.class.getResourceAsStream(resource))) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        JsonNode pair = json.readTree(line);
        pairs.add(
            new Pair(
                pair.path("a").textValue(),
                pair.path("b").textValue(),
                pair.path("same").booleanValue(),
                pair.path("kind").textValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pairs;
  }

  /** Texts of different pairs, put together by chance. */
  static List<Pair> byChance(List<Pair> pairs) {
    SeededRandom random = SeededRandom.of(7, "pairs", 0, 0);
    List<Pair> chance = new ArrayList<>();
    for (int i = 0; i < BY_CHANCE; i++) {
      int[] two = random.sample(pairs.size(), 2);
      chance.add(new Pair(pairs.get(two[0]).a(), pairs.get(two[1]).b(), false, "chance"));
    }
    return chance;
  }

  static Figures figures(List<Pair> pairs, Function<String, List<String>> unit, double threshold) {
    long above = pairs.stream().filter(pair -> f(pair, unit) > threshold).count();
    long right = pairs.stream().filter(pair -> pair.same() && f(pair, unit) > threshold).count();
    long same = pairs.stream().filter(Pair::same).count();
    return new Figures((double) right / Math.max(1, above), (double) right / same);
  }

  private static double f(Pair pair, Function<String, List<String>> unit) {
    List<String> a = unit.apply(pair.a());
    List<String> b = unit.apply(pair.b());
    Map<String, Integer> ids = new LinkedHashMap<>();
    int[] x = a.stream().mapToInt(t -> ids.computeIfAbsent(t, k -> ids.size())).toArray();
    int[] y = b.stream().mapToInt(t -> ids.computeIfAbsent(t, k -> ids.size())).toArray();
    return NaiveRule.score(NaiveRule.lcs(x, y), x.length, y.length);
  }

  private static List<String> syllables(String text) {
    return Tokenizer.named("unicode-1").tokens(text).stream()
        .flatMap(word -> word.codePoints().mapToObj(Character::toString))
        .toList();
  }

  /** The conjoining letters of the syllables, each told by its place in them. */
  private static List<String> letters(String text) {
    return syllables(text).stream()
        .map(s -> java.text.Normalizer.normalize(s, java.text.Normalizer.Form.NFD))
        .flatMap(s -> s.codePoints().mapToObj(Character::toString))
        .toList();
  }

  private static List<String> bigrams(String text) {
    List<String> syllables = syllables(text);
    List<String> pairs = new ArrayList<>();
    for (int i = 1; i < syllables.size(); i++) {
      pairs.add(syllables.get(i - 1) + syllables.get(i));
    }
    return pairs;
  }

  /** The words of which korean-1 hands on the syllables; of a word alone it hands on all. */
  private static List<String> stems(String text) {
    Tokenizer tokenizer = Tokenizer.named("korean-1");
    return Tokenizer.named("unicode-1").tokens(text).stream()
        .map(word -> String.join("", tokenizer.tokens("가 " + word)).substring(1))
        .filter(stem -> !stem.isEmpty())
        .toList();
  }
}
