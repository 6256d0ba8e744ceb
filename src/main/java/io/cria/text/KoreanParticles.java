package io.cria.text;

import java.util.Set;

/** The particles that Korean writes without a space behind a noun. */
public final class KoreanParticles {
  /** No run of particles here has more characters. */
  public static final int LONGEST = 8;

  private static final String PLURAL = "들";

  private static final Set<String> FIRST =
      Set.of(
          "이", "가", "을", "를", "은", "는", "의", "에", "에서", "에게", "에게서", "한테", "한테서", "께", "께서", "로",
          "으로", "로서", "으로서", "로써", "으로써", "와", "과", "랑", "이랑", "하고", "도", "만", "까지", "부터", "마다",
          "조차", "마저", "밖에", "처럼", "같이", "보다", "대로", "뿐", "나", "이나", "든지", "이든지", "라도", "이라도", "야",
          "이야", "아", "여", "이여", "라고", "이라고", "라는", "이라는", "라면", "이라면", "다", "이다", "인", "입니다", "이에요",
          "예요", "이고", "고", "이며", "며", "이지", "지", "인데", "이란", "란", "님", "씨");

  /** Those that may follow another one. */
  private static final Set<String> SECOND =
      Set.of("은", "는", "도", "만", "의", "로", "까지", "부터", "나", "라도", "조차", "처럼", "보다");

  private KoreanParticles() {}

  /** Whether the rest of a word, after its noun, is particles alone. */
  public static boolean are(String rest) {
    String particles = rest.startsWith(PLURAL) ? rest.substring(PLURAL.length()) : rest;
    if (particles.isEmpty() || FIRST.contains(particles)) {
      return true;
    }
    for (int end = 1; end < particles.length(); end++) {
      if (FIRST.contains(particles.substring(0, end))
          && SECOND.contains(particles.substring(end))) {
        return true;
      }
    }
    return false;
  }
}
