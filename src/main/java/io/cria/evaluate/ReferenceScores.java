package io.cria.evaluate;

import io.cria.similarity.ReferenceScore;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * How close answers are to references. Scored are the tasks with a reference that all answered, so
 * that the means are over the same tasks: those with an English reference by the published metric,
 * the others over tokens of every script, which is no published figure and stands apart.
 *
 * @param means by answerer
 * @param differences of each two answerers, the first less the second, by task
 */
public record ReferenceScores(List<Mean> means, List<Difference> differences) {
  /** Tokens of the tasks in other languages. */
  private static final String EVERY_SCRIPT = "unicode-1";

  public ReferenceScores {
    means = List.copyOf(means);
    differences = List.copyOf(differences);
  }

  /**
   * @param tokens by which it was scored
   */
  public record Mean(String answerer, String tokens, MeanScore score) {}

  /**
   * @param score of the first less that of the second
   */
  public record Difference(String first, String second, String tokens, MeanScore score) {}

  public static ReferenceScores of(List<SetItem.Task> tasks, AnswerSheet sheet, long seed) {
    List<SetItem.Task> scored =
        tasks.stream()
            .filter(task -> !task.references().isEmpty())
            .filter(task -> sheet.haveAll(sheet.answerers(), task.id()))
            .toList();
    List<Mean> means = new ArrayList<>();
    List<Difference> differences = new ArrayList<>();
    for (String tokens : List.of(ReferenceScore.PUBLISHED_TOKENIZER, EVERY_SCRIPT)) {
      boolean english = tokens.equals(ReferenceScore.PUBLISHED_TOKENIZER);
      List<SetItem.Task> some = scored.stream().filter(t -> t.isEnglish() == english).toList();
      if (some.isEmpty()) {
        continue;
      }
      Tokenizer tokenizer = Tokenizer.named(tokens);
      for (String answerer : sheet.answerers()) {
        means.add(
            new Mean(
                answerer, tokens, MeanScore.of(scores(some, sheet, answerer, tokenizer), seed)));
      }
      for (AnswerSheet.Two two : sheet.twos()) {
        List<Double> first = scores(some, sheet, two.first(), tokenizer);
        List<Double> second = scores(some, sheet, two.second(), tokenizer);
        List<Double> difference = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
          difference.add(first.get(i) - second.get(i));
        }
        differences.add(
            new Difference(two.first(), two.second(), tokens, MeanScore.of(difference, seed)));
      }
    }
    return new ReferenceScores(means, differences);
  }

  private static List<Double> scores(
      List<SetItem.Task> tasks, AnswerSheet sheet, String answerer, Tokenizer tokenizer) {
    return tasks.stream()
        .map(
            task ->
                ReferenceScore.best(
                    sheet.text(answerer, task.id()).orElseThrow(), task.references(), tokenizer))
        .toList();
  }
}
