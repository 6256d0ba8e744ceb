package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

class TokenDictionaryTest {
  @Test
  void numbersTokensInOrderOfAppearanceWhateverItsHash() {
    for (int run = 0; run < 3; run++) {
      TokenDictionary dictionary = new TokenDictionary();
      for (int i = 0; i < 5_000; i++) {
        char[] token = ("t" + i).toCharArray();
        assertThat(dictionary.find(token, 0, token.length)).isEqualTo(-1);
        assertThat(dictionary.add(token, 0, token.length)).isEqualTo(i);
        assertThat(dictionary.add(token, 0, token.length)).isEqualTo(i);
      }
      assertThat(dictionary.size()).isEqualTo(5_000);
      assertThat(dictionary.token(4_999)).isEqualTo("t4999");
    }
  }

  /** "an" and "c0" are one number in base 31, so are all words of as many such blocks. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
  void wordsMadeToCollideAreNumberedAsFastAsOthers() {
    assertThat("an".hashCode()).isEqualTo("c0".hashCode());
    TokenDictionary dictionary = new TokenDictionary();
    int count = 1 << 17;
    for (int i = 0; i < count; i++) {
      StringBuilder token = new StringBuilder();
      for (int bit = 0; bit < 17; bit++) {
        token.append((i >> bit & 1) == 0 ? "an" : "c0");
      }
      assertThat(dictionary.add(token.toString().toCharArray(), 0, 34)).isEqualTo(i);
    }
    assertThat(dictionary.size()).isEqualTo(count);
  }
}
