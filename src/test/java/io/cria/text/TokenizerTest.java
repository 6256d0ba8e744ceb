package io.cria.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  private final Tokenizer rouge = Tokenizer.named("rouge-en");
  private final Tokenizer unicode = Tokenizer.named("unicode-1");

  @Test
  void rougeTokensAreRunsOfLowerCasedAsciiLettersAndDigits() {
    assertThat(rouge.tokens("Don't STOP, at 3.5% (ok)_x"))
        .containsExactly("don", "t", "stop", "at", "3", "5", "ok", "x");
    assertThat(rouge.tokens("")).isEmpty();
    assertThat(rouge.tokens(" \t\n…—")).isEmpty();
    assertThat(rouge.tokens("naïve café")).containsExactly("na", "ve", "caf");
  }

  @Test
  void rougeLowerCaseIsPythons() {
    assertThat(rouge.tokens("30\u212Ag")).containsExactly("30kg");
    assertThat(rouge.tokens("\u0130stanbul a\u0130")).containsExactly("i", "stanbul", "ai");
    assertThat(rouge.tokens("\u0131\u017F\uFF21")).isEmpty();
  }

  @Test
  void onlyTwoCharactersBeyondAsciiGiveRougeTokens() {
    assertThat(
            IntStream.rangeClosed(0x80, Character.MAX_CODE_POINT)
                .filter(c -> !rouge.tokens(Character.toString(c)).isEmpty()))
        .containsExactly(0x130, 0x212A);
  }

  @Test
  void rougeFindsNoTokensInOtherScriptsOrEmoji() {
    assertThat(rouge.tokens("한국어 문장을 써라 中文 ไทย 😀")).isEmpty();
  }

  @Test
  void unicodeTokensAreRunsOfLettersMarksAndDigits() {
    assertThat(unicode.tokens("Naïve CAFÉ, 3.5 x_y"))
        .containsExactly("naïve", "café", "3", "5", "x", "y");
    assertThat(unicode.tokens("다음 문장을 영어로!")).containsExactly("다음", "문장을", "영어로");
    assertThat(unicode.tokens("e\u0301a हिन्दी")).containsExactly("e\u0301a", "हिन्दी");
    assertThat(unicode.tokens("Привет٣٤")).containsExactly("привет٣٤");
  }

  @Test
  void unicodeCutsScriptsWithoutSpacesIntoCharacters() {
    assertThat(unicode.tokens("中文abc字")).containsExactly("中", "文", "abc", "字");
    assertThat(unicode.tokens("ラーメンを")).containsExactly("ラ", "ー", "メ", "ン", "を");
    assertThat(unicode.tokens("か\u3099い")).containsExactly("か\u3099", "い");
    assertThat(unicode.tokens("กำที่")).containsExactly("ก", "ำ", "ที่");
    assertThat(unicode.tokens("ລາວ ខ្មែរ")).containsExactly("ລ", "າ", "ວ", "ខ្", "មែ", "រ");
    assertThat(unicode.tokens("𠀀𠀁")).containsExactly("𠀀", "𠀁");
  }

  @Test
  void unicodeFindsNoTokensInEmojiOrLoneMarks() {
    assertThat(unicode.tokens("😀 ❤\uFE0F \u0301 …")).isEmpty();
    assertThat(unicode.tokens("\uD83D")).isEmpty();
  }

  @Test
  void anUnknownNameIsToldWithTheKnownOnes() {
    assertThat(unicode.name()).isEqualTo("unicode-1");
    assertThat(rouge.name()).isEqualTo("rouge-en");
    assertThatThrownBy(() -> Tokenizer.named("rouge"))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("unknown tokenizer, 'rouge'")
        .hasMessageContaining("unicode-1");
  }
}
