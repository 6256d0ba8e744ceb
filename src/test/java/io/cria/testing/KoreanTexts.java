package io.cria.testing;

import io.cria.task.SeededRandom;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Tasks in Korean in any number, recombined. Text i is a function of (seed, i) alone. Half of them
 * are fresh: what to do, with what, how, and by whom it is asked, each from a list or made of
 * syllables, with the particles that their last syllables want. The others are an earlier text said
 * again: in another speech level, without spaces or particles, with a word more, less or other. So
 * scores on both sides of a threshold occur.
 */
public final class KoreanTexts extends AbstractList<String> implements RandomAccess {
  private static final double FRESH = 0.55;
  private static final int GROWTH = 3;

  private static final String[] NOUNS = {
    "전세 계약", "김치찌개", "한강", "이사", "회의록", "자기소개서", "속담", "띄어쓰기", "가계부", "도서관", "윷놀이", "장마",
    "단오", "연말정산", "등산로", "사투리", "교복", "시조", "분리배출", "주민센터", "미세 먼지", "온돌", "호칭", "높임말",
    "축의금", "택배", "중고 거래", "수능", "학급 회의", "세뱃돈", "김장", "제사", "버스 노선", "월세", "면접", "동아리"
  };
  private static final String[] SYLLABLES = {
    "가", "나", "다", "라", "마", "바", "사", "아", "자", "차", "카", "타", "파", "하", "강", "난", "달", "람", "말",
        "봉",
    "산", "안", "장", "청", "콩", "탄", "평", "한", "고", "노", "도", "로", "모", "보", "소", "오", "조", "초", "구",
        "누"
  };
  private static final String[] HOW = {
    "", "", "", "", "세 문장으로 ", "초등학생도 알아듣게 ", "예를 들어 ", "표로 ", "순서대로 ", "짧게 ", "정중한 말투로 ", "한 줄씩 "
  };
  private static final String[] ASPECTS = {
    "뜻", "방법", "까닭", "순서", "장점", "단점", "차이", "역사", "값", "주의할 점", "준비물", "예절", "맛", "쓰임", "이름"
  };
  private static final String[] DEEDS = {
    "설명", "소개", "정리", "비교", "요약", "추천", "나열", "계산", "분류", "번역", "평가", "제안", "묘사", "안내"
  };
  private static final String[] REQUESTS = {
    "해 주세요.", "해 줘.", "하시오.", "하세요.", "해라.", "해 주십시오.", "해 줄래?", "해 보세요.", "해 봐.", "하라."
  };

  private final long seed;
  private final int size;

  /** The texts 0 to {@code size - 1}. */
  public KoreanTexts(long seed, int size) {
    this.seed = seed;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String get(int i) {
    SeededRandom random = SeededRandom.of(seed, "korean-text", 0, i);
    return i == 0 || random.nextDouble() < FRESH
        ? fresh(random)
        : saidAgain(get(random.nextInt(i)), random);
  }

  /** A task of its own. */
  public static String fresh(SeededRandom random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(GROWTH); n > 0; n--) {
      String noun = noun(random);
      text.append(noun).append(pick(random, particle(noun, "과 ", "와 "), "의 ", "에서 "));
    }
    String object = noun(random);
    if (random.nextInt(4) > 0) {
      object += "의 " + pick(random, ASPECTS);
    }
    text.append(object).append(particle(object, "을 ", "를 "));
    return text.append(pick(random, HOW))
        .append(pick(random, DEEDS))
        .append(pick(random, REQUESTS))
        .toString();
  }

  private static String saidAgain(String text, SeededRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> asked(text, random);
      case 1 -> text.replaceFirst(" ", "");
      case 2 -> text.replaceFirst("[을를의] ", " ");
      case 3 -> withOther(text, random);
      case 4 -> pick(random, HOW) + text;
      default -> asked(withOther(text, random), random);
    };
  }

  /** In another speech level. */
  private static String asked(String text, SeededRandom random) {
    for (String request : REQUESTS) {
      if (text.endsWith(request)) {
        String stem = text.substring(0, text.length() - request.length());
        return stem + pick(random, REQUESTS);
      }
    }
    return text;
  }

  /** With another noun in place of one of its words. */
  private static String withOther(String text, SeededRandom random) {
    String[] words = text.split(" ");
    int at = random.nextInt(words.length);
    words[at] = noun(random) + (at == words.length - 1 ? pick(random, REQUESTS) : "");
    return String.join(" ", words);
  }

  /** A noun of a list, or one that is made. */
  public static String noun(SeededRandom random) {
    if (random.nextInt(3) == 0) {
      return pick(random, NOUNS);
    }
    StringBuilder noun = new StringBuilder();
    for (int n = 2 + random.nextInt(2); n > 0; n--) {
      noun.append(pick(random, SYLLABLES));
    }
    return noun.toString();
  }

  /** The particle that a noun's last syllable wants: after a final consonant, or after a vowel. */
  public static String particle(String noun, String afterConsonant, String afterVowel) {
    int last = noun.charAt(noun.length() - 1) - 0xAC00;
    return last % 28 > 0 ? afterConsonant : afterVowel;
  }

  private static String pick(SeededRandom random, String... from) {
    return List.of(from).get(random.nextInt(from.length));
  }
}
