package io.cria.filter;

import java.util.List;

/** What the filters for Korean look for where a run file does not say otherwise. */
public final class KoreanFilters {
  /**
   * Nouns of what a model that reads and writes text cannot see, hear, open or draw. What can be
   * written as well, such as a table or the words of a song, is not among them.
   */
  public static final List<String> KEYWORDS =
      List.of(
          "그림", "삽화", "만화", "사진", "이미지", "그래프", "차트", "도표", "지도", "약도", "도면", "순서도", "다이어그램", "파일",
          "첨부", "링크", "동영상", "영상", "비디오", "오디오", "녹음", "음성", "음원", "스크린샷", "스크린숏", "화면 캡처", "포스터",
          "로고");

  /** Phrases in which those nouns mean something else, or only name what the task is about. */
  public static final List<String> NO_KEYWORDS =
      List.of(
          "지도 교수", "지도 교수님", "지도 교사", "지도 선생님", "생활 지도", "진로 지도", "학습 지도", "교통 지도", "현장 지도",
          "음성 언어", "기업 이미지", "브랜드 이미지");

  /** Up to the stem of the verb. */
  public static final List<String> PROGRAM_ENDINGS =
      List.of("프로그램을 작성", "프로그램 작성", "프로그램을 짜", "프로그램을 만들", "프로그램을 개발", "프로그램을 구현", "프로그램을 코딩");

  /** How a model begins that speaks to the one who asks, where a task was to stand. */
  public static final List<String> REFUSAL_OPENINGS =
      List.of(
          "죄송하지만",
          "죄송합니다",
          "죄송해요",
          "미안하지만",
          "유감스럽지만",
          "유감이지만",
          "안타깝지만",
          "안타깝게도",
          "물론입니다",
          "물론이죠",
          "물론이지요",
          "네, 알겠습니다",
          "네, 좋습니다",
          "네, 물론",
          "알겠습니다",
          "다음은 요청하신",
          "아래는 요청하신",
          "요청하신");

  /** What a model says of itself, or in place of an answer, wherever it stands. */
  public static final List<String> MODEL_TALK =
      List.of(
          "언어 모델로서",
          "언어 모델이라서",
          "언어 모델이므로",
          "언어 모델이기 때문에",
          "AI 모델로서",
          "AI 비서로서",
          "AI로서",
          "인공지능으로서",
          "인공 지능으로서",
          "인공지능 모델로서",
          "저는 AI",
          "저는 인공지능",
          "저는 언어 모델",
          "도와드릴 수 없",
          "도와 드릴 수 없",
          "도움을 드릴 수 없",
          "도움을 드리기 어렵",
          "답변을 드릴 수 없",
          "답변드릴 수 없",
          "답변해 드릴 수 없",
          "답변할 수 없",
          "요청을 수행할 수 없",
          "요청을 처리할 수 없",
          "실시간 정보에 접근할 수 없",
          "인터넷에 접속할 수 없",
          "제가 학습한 데이터");

  private KoreanFilters() {}
}
