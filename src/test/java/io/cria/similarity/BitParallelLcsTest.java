package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.SeededRandom;
import org.junit.jupiter.api.Test;

class BitParallelLcsTest {
  private final SeededRandom random = new SeededRandom(5);
  private final BitParallelLcs kernel = new BitParallelLcs();

  @Test
  void equalsTheDynamicProgramForAllLengthsAndVocabularies() {
    for (int i = 0; i < 3_000; i++) {
      int vocabulary = 1 + random.nextInt(40);
      int[] a = text(random.nextInt(i % 10 == 0 ? 400 : 70), vocabulary);
      kernel.prepare(a, 0, a.length, vocabulary);
      for (int j = 0; j < 4; j++) {
        int[] b = text(random.nextInt(i % 10 == 0 ? 400 : 70), vocabulary);
        assertThat(kernel.lengthOrLess(b, 0, b.length, 0)).isEqualTo(NaiveRule.lcs(a, b));
      }
    }
  }

  @Test
  void isExactAtWordBoundaries() {
    for (int m : new int[] {0, 1, 63, 64, 65, 127, 128, 129, 192}) {
      for (int n : new int[] {0, 1, 63, 64, 65, 128, 130}) {
        int[] a = text(m, 3);
        int[] b = text(n, 3);
        kernel.prepare(a, 0, m, 3);
        assertThat(kernel.lengthOrLess(b, 0, n, 0)).isEqualTo(NaiveRule.lcs(a, b));
        kernel.prepare(b, 0, n, 3);
        assertThat(kernel.lengthOrLess(a, 0, m, 0)).isEqualTo(NaiveRule.lcs(a, b));
      }
    }
  }

  @Test
  void givesUpOnlyWhenTheRequiredLengthIsOutOfReach() {
    for (int i = 0; i < 2_000; i++) {
      int[] a = text(1 + random.nextInt(100), 30);
      int[] b = text(1 + random.nextInt(100), 30);
      int required = 1 + random.nextInt(b.length);
      kernel.prepare(a, 0, a.length, 30);
      int wanted = NaiveRule.lcs(a, b);
      int length = kernel.lengthOrLess(b, 0, b.length, required);
      assertThat(length >= required ? length : -1).isEqualTo(wanted >= required ? wanted : -1);
    }
  }

  @Test
  void readsSlicesAndIgnoresUnknownTokens() {
    int[] a = {9, 0, -1, 1, -1, 2, 9};
    kernel.prepare(a, 1, 5, 10);
    a[1] = 7;
    assertThat(kernel.lengthOrLess(new int[] {5, 0, 1, 2, 5}, 1, 3, 3)).isEqualTo(3);
    kernel.prepare(new int[] {7}, 0, 1, 10);
    assertThat(kernel.lengthOrLess(new int[] {0, 1, 2, 7}, 0, 4, 0)).isEqualTo(1);
  }

  @Test
  void takesTextsOfTenThousandTokens() {
    int[] a = text(10_000, 50);
    kernel.prepare(a, 0, a.length, 50);
    assertThat(kernel.lengthOrLess(a, 0, a.length, a.length)).isEqualTo(10_000);
    int[] b = text(9_000, 50);
    assertThat(kernel.lengthOrLess(b, 0, b.length, 0)).isEqualTo(NaiveRule.lcs(a, b));
  }

  private int[] text(int length, int vocabulary) {
    int[] text = new int[length];
    for (int i = 0; i < length; i++) {
      text[i] = random.nextInt(vocabulary);
    }
    return text;
  }
}
