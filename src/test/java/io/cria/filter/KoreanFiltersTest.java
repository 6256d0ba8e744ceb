package io.cria.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Draft;
import io.cria.task.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KoreanFiltersTest {
  private static final String KEPT = "kept";

  private static String judge(String name, Map<String, Object> parameters, String instruction) {
    return judge(name, parameters, Draft.parsed(0, "", instruction, null, null));
  }

  private static String judge(String name, Map<String, Object> parameters, Draft draft) {
    Verdict verdict = Filters.of(name, parameters).judge(draft);
    return verdict.reason() == null ? KEPT : verdict.reason();
  }

  @Test
  void aNounCountsWithParticlesAndNotWithinAnotherWord() {
    for (String text :
        List.of("이 그림을 설명해 줘", "사진에서는 무엇이 보이나요?", "파일들을 지워라", "제주 지도", "화면 캡처를 보고 답해")) {
      assertThat(judge("korean_keyword", Map.of(), text)).as(text).isEqualTo("korean_keyword");
    }
    for (String text :
        List.of("그림자의 뜻을 풀어 줘", "파일럿이 되려면?", "밑그림 없이", "사진관 사장님께 쓸 글", "지도자의 덕목", "지도해 주세요")) {
      assertThat(judge("korean_keyword", Map.of(), text)).as(text).isEqualTo(KEPT);
    }
  }

  @Test
  void inAnotherPhraseItIsNoKeyword() {
    assertThat(judge("korean_keyword", Map.of(), "지도 교수님께 메일을 써 줘")).isEqualTo(KEPT);
    assertThat(judge("korean_keyword", Map.of(), "지도 교수님께 지도를 부탁해 줘")).isEqualTo("korean_keyword");
    assertThat(judge("korean_keyword", Map.of("except", List.of("마음 지도")), "마음 지도를 설명해"))
        .isEqualTo(KEPT);
    assertThat(judge("korean_keyword", Map.of("words", List.of("표")), "표를 그려라"))
        .isEqualTo("korean_keyword");
  }

  @Test
  void aProgramIsNotWantedAtTheEnd() {
    for (String text : List.of("합을 구하는 프로그램을 작성하시오.", "정렬 프로그램을 짜 주실 수 있나요?")) {
      assertThat(judge("korean_program", Map.of(), text)).isEqualTo("korean_program");
    }
    assertThat(judge("korean_program", Map.of(), "프로그램을 작성할 때 주석을 다는 까닭은?")).isEqualTo(KEPT);
    assertThat(judge("korean_program", Map.of(), "라디오 프로그램을 소개해 줘")).isEqualTo(KEPT);
  }

  @Test
  void mostLettersAreHangul() {
    assertThat(judge("little_hangul", Map.of(), "Describe 봄 in English"))
        .isEqualTo("little_hangul");
    assertThat(judge("little_hangul", Map.of(), "123 + 456")).isEqualTo("little_hangul");
    assertThat(judge("little_hangul", Map.of(), "파이썬 for 문을 설명해")).isEqualTo(KEPT);
    assertThat(judge("little_hangul", Map.of("minShare", 0.9), "파이썬 for 문을 설명해"))
        .isEqualTo("little_hangul");
  }

  @Test
  void codeFormulasAndChineseCharactersDoNotCount() {
    for (String text :
        List.of(
            "고쳐라: `SELECT name FROM students WHERE id = 1`",
            "풀어라 $\\frac{alpha}{beta} = gamma delta$",
            "설명해\n```\nint main(void) { return zero; }\n```",
            "다음 뜻은? 臥薪嘗膽 刻舟求劍 守株待兎")) {
      assertThat(judge("little_hangul", Map.of(), text)).as(text).isEqualTo(KEPT);
    }
  }

  @Test
  void refusalsAndModelTalkAreNoTasks() {
    for (String text :
        List.of("죄송하지만 만들 수 없습니다.", "물론입니다! 다음은 작업입니다.", "저는 AI라서 모릅니다.", "AI 언어 모델로서 답합니다.")) {
      assertThat(judge("refusal", Map.of(), text)).as(text).isEqualTo("refusal");
    }
    for (String text :
        List.of("'죄송하지만'을 더 공손하게 바꿔 줘", "AI 언어 모델이 무엇인지 설명해 줘", "“저는 AI입니다”를 영어로 옮겨라")) {
      assertThat(judge("refusal", Map.of(), text)).as(text).isEqualTo(KEPT);
    }
  }

  @Test
  void anOutputMayApologiseAndNotRefuse() {
    assertThat(judge("refusal", Map.of(), Draft.parsed(0, "", "사과문을 써 줘", "", "죄송합니다. 배송이 늦었습니다.")))
        .isEqualTo(KEPT);
    assertThat(judge("refusal", Map.of(), Draft.parsed(0, "", "답해 줘", "", "그 내용은 도와드릴 수 없습니다.")))
        .isEqualTo("refusal");
  }

  @Test
  void lengthIsInWordsAndInCharacters() {
    Map<String, Object> least = Map.of("minWords", 2, "minCharacters", 8);
    assertThat(judge("too_short", least, "시 한 편 써 줘")).isEqualTo("too_short");
    assertThat(judge("too_short", least, "자기소개서를 써 줘")).isEqualTo(KEPT);
    assertThat(judge("too_short", least, "띄어쓰기를하지않은글이다")).isEqualTo("too_short");
    assertThat(judge("too_long", Map.of("maxCharacters", 5), "여섯 글자는 길다")).isEqualTo("too_long");
  }

  @Test
  void aTaskMayBeginWithAQuoteWhereTheRecipeSaysSo() {
    Map<String, Object> except = Map.of("except", "'\"(");
    assertThat(judge("punctuation_start", except, "'눈'의 뜻")).isEqualTo(KEPT);
    assertThat(judge("punctuation_start", except, "*눈*의 뜻")).isEqualTo("punctuation_start");
    assertThat(judge("punctuation_start", Map.of(), "'눈'의 뜻")).isEqualTo("punctuation_start");
  }

  @Test
  void marksOfTranslationAreNamedAndNothingIsRejected() {
    assertThat(Translationese.marks("그는 세 명의 친구를 가지고 있으며 가장 유명한 가수 중 하나에 의해 소개되었다."))
        .containsExactly("by_agent", "have", "one_of_the_most");
    assertThat(Translationese.marks("꾸준히 하는 것은 중요합니다. 당신의 마음에도 불구하고 잘못 쓰여진 글이다."))
        .containsExactly("double_passive", "you", "it_is_important", "in_spite_of");
    assertThat(Translationese.marks("동생과 함께 떡국을 끓여 먹었다. 의사에 의하면 괜찮단다. 글씨가 쓰여 있다.")).isEmpty();
    assertThat(Translationese.names()).doesNotHaveDuplicates().hasSize(15);
  }
}
