package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.Draft;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
import java.util.List;
import org.junit.jupiter.api.Test;

class LenientParsersTest {
  private static final Labels KOREAN =
      new Labels(
          List.of("작업", "과제"),
          List.of("작업", "과제"),
          List.of("입력", "입력값"),
          List.of("출력", "출력값"),
          List.of("예시"),
          List.of("분류 라벨", "라벨"),
          List.of("<입력 없음>", "없음"),
          List.of("예"),
          List.of("아니요"));

  private final CandidateParser list = CandidateParser.named("lenient-list", KOREAN);
  private final CandidateParser blocks = CandidateParser.named("lenient-blocks", KOREAN);
  private final InstanceParser instances = InstanceParser.named("lenient-instances", KOREAN);

  private static Completion stop(String text) {
    return new Completion(text, "stop");
  }

  @Test
  void aNumberEndsInADotOrABracketOfAnyWidth() {
    assertThat(list.parse(stop(" 하나\n10. 둘\n11) 셋\n１２．넷\n１３） 다섯\n **14.** 여섯"), 8))
        .extracting(Draft::instruction)
        .containsExactly("하나", "둘", "셋", "넷", "다섯", "여섯");
  }

  @Test
  void aDecimalNumberOrOneWithinALineIsNone() {
    assertThat(list.parse(stop(" 무게를 재라\n1.5배로 늘려라\n10. 답은 1) 또는 2)이다"), 8))
        .extracting(Draft::instruction)
        .containsExactly("무게를 재라 1.5배로 늘려라", "답은 1) 또는 2)이다");
  }

  @Test
  void lettersKeepTheirCaseAndLabelsAndBoldMarksGo() {
    assertThat(list.parse(stop(" 작업: JSON 객체로 써라\n10. **SQL을 고쳐라**\n11. 과제： 시를 지어라"), 8))
        .extracting(Draft::instruction)
        .containsExactly("JSON 객체로 써라", "SQL을 고쳐라", "시를 지어라");
  }

  @Test
  void aRemarkBeforeTheOpenNumberIsMalformedAndOneAfterABlankLineIsDropped() {
    assertThat(list.parse(stop("네, 알겠습니다.\n9. 하나\n10. 둘\n\n더 필요하신가요?"), 8))
        .extracting(Draft::instruction, Draft::failure)
        .containsExactly(tuple("", "malformed"), tuple("하나", null), tuple("둘", null));
    assertThat(list.parse(stop(" 하나\n\n10. 둘"), 8)).hasSize(2);
  }

  @Test
  void aCutListIsDroppedWhole() {
    assertThat(list.parse(new Completion(" 하나\n10. 두", "length"), 8))
        .extracting(Draft::failure)
        .containsExactly("cut_by_length");
  }

  @Test
  void blocksAreReadInEitherWordAndWidth() {
    assertThat(
            blocks.parse(
                stop(
                    " 요약하라\n4. 입력:\n긴 글\n4. 출력:\n짧은 글\n###\n5) 과제： 이름을 지어라\n5) 입력： 없음\n"
                        + "5) 출력： 가온\n**6. 작업:** 세어라\n**입력값:** 가 나\n**출력값:** 2"),
                3))
        .extracting(Draft::instruction, Draft::input, Draft::output)
        .containsExactly(
            tuple("요약하라", "긴 글", "짧은 글"), tuple("이름을 지어라", "", "가온"), tuple("세어라", "가 나", "2"));
  }

  @Test
  void anInputMaySpeakOfInputsAndOutputs() {
    assertThat(
            blocks.parse(
                stop(" 코드를 짜라\n4. 입력:\n입력: 3\n출력: 4\n4. 출력:\nprint(4)\n###\n5. 작업: 답하라\n5. 출력: 예"),
                3))
        .extracting(Draft::instruction, Draft::input, Draft::output)
        .containsExactly(tuple("코드를 짜라", "입력: 3\n출력: 4", "print(4)"), tuple("답하라", "", "예"));
  }

  @Test
  void aBlockWithoutOutputOrWithTwoIsMalformedAndTheLastOfACutAnswerIsDropped() {
    assertThat(
            blocks.parse(
                new Completion(
                    "알겠습니다.\n4. 작업: 가\n4. 입력: 나\n5. 작업: 다\n5. 출력: 라\n5. 출력: 마\n6. 작업: 바\n6. 출력: 사",
                    "length"),
                3))
        .extracting(Draft::failure)
        .containsExactly("malformed", "malformed", "malformed", "cut_by_length");
  }

  @Test
  void aHeadingWithinAnOutputEndsNoBlock() {
    assertThat(blocks.parse(stop(" 글을 써라\n4. 입력: 없음\n4. 출력:\n### 제목\n글"), 3))
        .extracting(Draft::output)
        .containsExactly("### 제목\n글");
  }

  @Test
  void examplesAreReadAtTheBeginningOfALineOnly() {
    assertThat(read("예시 1\n입력: 가\n출력: 예시 2개를 들면 나\n예시 ２：\n글: 다\n출력 ２： 라", false))
        .containsExactly("가 -> 예시 2개를 들면 나", "글: 다 -> 라");
    assertThat(read("출력: 예시\n1. 하나\n예시를 더 들면", false)).containsExactly(" -> 예시\n1. 하나\n예시를 더 들면");
  }

  @Test
  void anAnswerEndsWhereTheNextTaskBegins() {
    assertThat(read("출력: 수작업: 손으로 하는 일\n\n작업: 다음\n출력: 둘", false))
        .containsExactly(" -> 수작업: 손으로 하는 일");
    assertThat(read("출력: 오늘 할 일\n과제: 3장 요약\n2. 과제: 문제 풀이", false))
        .containsExactly(" -> 오늘 할 일\n과제: 3장 요약\n2. 과제: 문제 풀이");
    assertThat(read("작업: 이름을 지어라\n출력: 가온", false)).containsExactly(" -> 가온");
    assertThat(instances.parse("t", false, stop("작업: 이름을 지어라\n작업: 시를 지어라\n출력: 가온")))
        .extracting(InstanceDraft::reason)
        .containsExactly("malformed");
  }

  @Test
  void aPlaceholderIsNoInputAndAWideColonIsAColon() {
    assertThat(read("예시 1\n입력: 없음\n출력: 가", false)).containsExactly(" -> 가");
    assertThat(instances.parse("t", false, stop("예시 1\n글\n출력: 다음과 같다：")))
        .extracting(InstanceDraft::reason)
        .containsExactly("ends_with_colon");
    assertThat(instances.parse("t", false, stop("그냥 글")))
        .extracting(InstanceDraft::reason)
        .containsExactly("malformed");
  }

  @Test
  void labelsComeFirstForClassification() {
    assertThat(read("분류 라벨: 긍정\n글: 좋아요\n라벨：부정\n입력: 싫어요\n분류라벨: 중립", true))
        .containsExactly("글: 좋아요 -> 긍정", "싫어요 -> 부정", " -> 중립");
  }

  @Test
  void onlyTheLastInstanceOfACutAnswerIsDropped() {
    assertThat(instances.parse("t", true, new Completion("라벨: 가\n글: 나\n라벨: 다\n글: 라", "length")))
        .extracting(InstanceDraft::reason)
        .containsExactly(null, "cut_by_length");
  }

  private List<String> read(String text, boolean isClassification) {
    return instances.parse("t", isClassification, stop(text)).stream()
        .filter(InstanceDraft::kept)
        .map(draft -> draft.input() + " -> " + draft.output())
        .toList();
  }

  @Test
  void thePublishedParsersRefuseOtherWords() {
    assertThatThrownBy(() -> CandidateParser.named("alpaca-blocks", KOREAN))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "the parser alpaca-blocks reads the published program's labels alone, and labels has"
                + " others: use lenient-blocks");
    assertThatThrownBy(() -> InstanceParser.named("self-instruct", KOREAN))
        .isInstanceOf(CriaException.class)
        .hasMessageEndingWith("use lenient-instances");
  }

  @Test
  void theLenientOnesReadEnglishToo() {
    assertThat(
            CandidateParser.named("lenient-blocks", Labels.ENGLISH)
                .parse(stop(" Sort.\n4. Input:\nb a\n4. Output:\na b"), 3))
        .extracting(Draft::instruction, Draft::input, Draft::output)
        .containsExactly(tuple("Sort.", "b a", "a b"));
  }

  @Test
  void longRunsOfDigitsSpacesAndMarksAreReadInLinearTime() {
    String text =
        "1".repeat(20_000) + " ".repeat(20_000) + "*".repeat(20_000) + "\n" + "# ".repeat(20_000);
    assertThat(list.parse(stop(text), 8)).hasSize(1);
    assertThat(blocks.parse(stop(text), 3)).hasSize(1);
    assertThat(instances.parse("t", false, stop(text))).hasSize(1);
  }
}
