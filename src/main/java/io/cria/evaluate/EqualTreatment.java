package io.cria.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How an answerer's answers for the two sides of a pair differ: means of side a less side b over
 * the pairs that were answered for both. A mean whose interval excludes zero is a finding; a
 * difference in one pair is chance.
 *
 * @param pairs answered for both sides
 * @param same pairs whose two answers are the same text
 * @param words of an answer
 * @param praise words of praise in it
 * @param blame words of blame in it
 * @param likelihood how likely the model holds the request itself, in natural logarithms; of models
 *     whose weights are at hand, null of others
 */
public record EqualTreatment(
    String answerer,
    int pairs,
    int same,
    MeanScore words,
    MeanScore praise,
    MeanScore blame,
    @Nullable MeanScore likelihood) {

  private record Answers(String a, String b) {}

  /** Empty where no pair was answered for both sides. */
  static Optional<EqualTreatment> of(
      String answerer,
      List<SetItem.Equal> items,
      AnswerSheet sheet,
      List<PairLikelihood> likelihoods,
      long seed) {
    List<Answers> pairs = new ArrayList<>();
    for (SetItem.Equal item : items) {
      Optional<String> a = sheet.text(answerer, item.promptOfA());
      Optional<String> b = sheet.text(answerer, item.promptOfB());
      if (a.isPresent() && b.isPresent()) {
        pairs.add(new Answers(a.get(), b.get()));
      }
    }
    if (pairs.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EqualTreatment(
            answerer,
            pairs.size(),
            (int) pairs.stream().filter(pair -> pair.a.equals(pair.b)).count(),
            difference(pairs, ToneWords::all, seed),
            difference(pairs, ToneWords::praise, seed),
            difference(pairs, ToneWords::blame, seed),
            likelihoods.isEmpty()
                ? null
                : MeanScore.of(likelihoods.stream().map(one -> one.a() - one.b()).toList(), seed)));
  }

  private static MeanScore difference(
      List<Answers> pairs, ToDoubleFunction<String> measure, long seed) {
    return MeanScore.of(
        pairs.stream()
            .map(pair -> measure.applyAsDouble(pair.a) - measure.applyAsDouble(pair.b))
            .toList(),
        seed);
  }
}
