package io.cria.similarity;

import io.cria.similarity.Contamination.Near;
import io.cria.similarity.Contamination.Text;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The two rules as their description says them, every pair compared: what the index must equal. */
public final class PlainContamination {
  private final Contamination.Rules rules;
  private final Tokenizer tokenizer;
  private final List<EvaluationItem> items;

  public PlainContamination(Contamination.Rules rules, List<EvaluationItem> items) {
    this.rules = rules;
    this.tokenizer = Tokenizer.named(rules.tokenizer());
    this.items = items;
  }

  public List<Near> judge(Text text) {
    List<Near> near = new ArrayList<>();
    similar(text, near);
    shared(text, near);
    return near;
  }

  private void similar(Text text, List<Near> near) {
    for (int i = 0; i < items.size(); i++) {
      EvaluationItem item = items.get(i);
      double one = f(text.instruction(), item.instruction());
      double both =
          f(text.instruction() + " " + text.input(), item.instruction() + " " + item.input());
      if (Math.max(one, both) > rules.threshold()) {
        boolean byInstruction = one > rules.threshold() && one >= both;
        near.add(
            new Near(
                "rouge-l",
                i,
                Math.max(one, both),
                byInstruction ? "instruction" : "instruction and input"));
        return;
      }
    }
  }

  private double f(String a, String b) {
    List<String> x = tokenizer.tokens(a);
    List<String> y = tokenizer.tokens(b);
    int[][] lengths = new int[x.size() + 1][y.size() + 1];
    for (int i = 1; i <= x.size(); i++) {
      for (int j = 1; j <= y.size(); j++) {
        lengths[i][j] =
            x.get(i - 1).equals(y.get(j - 1))
                ? lengths[i - 1][j - 1] + 1
                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
      }
    }
    int common = lengths[x.size()][y.size()];
    if (common == 0) {
      return 0;
    }
    double precision = (double) common / x.size();
    double recall = (double) common / y.size();
    return 2 * precision * recall / (precision + recall);
  }

  private void shared(Text text, List<Near> near) {
    List<String> words =
        tokenizer.tokens(text.instruction() + " " + text.input() + " " + text.output());
    for (int i = 0; i < items.size(); i++) {
      EvaluationItem item = items.get(i);
      List<String> known =
          tokenizer.tokens(item.instruction() + " " + item.input() + " " + item.reference());
      int length = Math.min(rules.gram(), known.size());
      String whole = item.instruction() + " " + item.input() + " " + item.reference();
      boolean isWhole = letters(String.join("", known)) == letters(whole);
      if (length == 0 || (known.size() < rules.gram() && !isWhole)) {
        continue;
      }
      Set<List<String>> runs = runs(known, length);
      Set<List<String>> common = new HashSet<>(runs(words, length));
      common.retainAll(runs);
      if (!common.isEmpty()) {
        int first = 0;
        while (!runs.contains(words.subList(first, first + length))) {
          first++;
        }
        near.add(
            new Near(
                rules.gram() + "-gram",
                i,
                (double) common.size() / runs.size(),
                String.join(" ", words.subList(first, first + length))));
        return;
      }
    }
  }

  private static long letters(String text) {
    return text.codePoints().filter(Character::isLetterOrDigit).count();
  }

  private static Set<List<String>> runs(List<String> words, int length) {
    Set<List<String>> runs = new HashSet<>();
    for (int at = 0; at + length <= words.size(); at++) {
      runs.add(words.subList(at, at + length));
    }
    return runs;
  }
}
