package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;

class RougeLTest {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");

  @Test
  void scoresAPairAsTheTextbook() {
    assertThat(RougeL.f("police killed the gunman", "police kill the gunman", ROUGE))
        .isEqualTo(0.75);
    assertThat(RougeL.f("a b c", "A, b; C!", ROUGE)).isEqualTo(1);
    assertThat(RougeL.f("a b", "c d", ROUGE)).isZero();
    assertThat(RougeL.f("", "", ROUGE)).isZero();
    assertThat(RougeL.f("a", "…", ROUGE)).isZero();
  }

  @Test
  void equalsThePlainLoopOnManyPairs() {
    NaiveRule rule = new NaiveRule(ROUGE, 0.7);
    List<String> texts = Corpora.tiny(41, 80, 10, 0, 90);
    for (String a : texts) {
      for (String b : texts) {
        int[] x = rule.tokens(a);
        int[] y = rule.tokens(b);
        assertThat(RougeL.f(a, b, ROUGE))
            .isEqualTo(NaiveRule.score(NaiveRule.lcs(x, y), x.length, y.length));
      }
    }
  }
}
