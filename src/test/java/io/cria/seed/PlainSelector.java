package io.cria.seed;

import io.cria.similarity.Selector;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The similarity rule said plainly: every text against every accepted one, in order. */
final class PlainSelector implements Selector {
  private static final Tokenizer TOKENIZER = Tokenizer.named("rouge-en");

  private final double threshold;
  private final List<Instruction> accepted = new ArrayList<>();
  private final List<List<String>> pool = new ArrayList<>();

  PlainSelector(double threshold) {
    this.threshold = threshold;
  }

  static double rougeL(String one, String other) {
    return rougeL(TOKENIZER.tokens(one), TOKENIZER.tokens(other));
  }

  private static double rougeL(List<String> one, List<String> other) {
    int[] row = new int[other.size() + 1];
    for (String token : one) {
      int diagonal = 0;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        row[j] = token.equals(other.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    int lcs = row[other.size()];
    if (lcs == 0) {
      return 0;
    }
    double precision = (double) lcs / other.size();
    double recall = (double) lcs / one.size();
    return 2 * precision * recall / (precision + recall);
  }

  @Override
  public void accept(List<Instruction> texts) {
    for (Instruction text : texts) {
      accepted.add(text);
      pool.add(TOKENIZER.tokens(text.text()));
    }
  }

  @Override
  public List<Verdict> select(List<Instruction> batch) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Instruction text : batch) {
      Verdict verdict = judge(TOKENIZER.tokens(text.text()));
      if (verdict.kept()) {
        accept(List.of(text));
      }
      verdicts.add(verdict);
    }
    return verdicts;
  }

  @Override
  public List<Instruction> accepted() {
    return Collections.unmodifiableList(accepted);
  }

  private Verdict judge(List<String> tokens) {
    for (int i = 0; i < pool.size(); i++) {
      double score = rougeL(tokens, pool.get(i));
      if (score > threshold) {
        return Verdict.similar(accepted.get(i).id(), score);
      }
    }
    return Verdict.keep();
  }
}
