package io.cria.similarity;

import io.cria.task.Instruction;
import io.cria.task.Verdict;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** The plain loop and the corpora of this package, for tests of others. */
public final class Oracle {
  private Oracle() {}

  /** {@code count} short texts over few words: many similar pairs, ties and repeats. */
  public static List<String> corpus(long seed, int count, int vocabulary) {
    return Corpora.tiny(seed, count, vocabulary, 3, 14);
  }

  /** The 45,266 real texts, of which the rule keeps 26,684; skips the test where they are not. */
  public static List<String> realMixture() {
    return RealMixture.texts();
  }

  /** What the published rule says of texts in order; a neighbour is its index, as text. */
  public static List<Verdict> verdicts(List<String> texts, double threshold) {
    List<Integer> kept = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    for (NaiveRule.Decision decision :
        new NaiveRule(Tokenizer.named("rouge-en"), threshold).select(texts)) {
      if (decision.neighbour() < 0) {
        kept.add(verdicts.size());
        verdicts.add(Verdict.keep());
      } else {
        verdicts.add(
            Verdict.similar(String.valueOf(kept.get(decision.neighbour())), decision.score()));
      }
    }
    return verdicts;
  }

  /** The texts with their indexes as ids. */
  public static List<Instruction> numbered(List<String> texts) {
    List<Instruction> numbered = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      numbered.add(new Instruction(String.valueOf(i), texts.get(i)));
    }
    return numbered;
  }
}
