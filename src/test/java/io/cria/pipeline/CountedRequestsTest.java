package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountedRequestsTest {
  private static final String KOREAN = "이사한 날부터 세입자가 보증금을 지키려면 무슨 일을 어떤 순서로 해야 하는지 적어 줘.";

  private static long tokens(String model, String text) {
    return new CountedRequests(model, "", LocalDate.EPOCH)
        .line("stage", 1, List.of(List.of(text)), 1)
        .promptTokens();
  }

  @Test
  void koreanIsCountedAsTheModelCountsIt() {
    assertThat(tokens("gpt-4.1-mini", KOREAN))
        .isEqualTo(tokens("gpt-4o", KOREAN))
        .isEqualTo(tokens("own", KOREAN));
    assertThat(tokens("gpt-4", KOREAN))
        .isEqualTo(tokens("gpt-4-turbo", KOREAN))
        .isEqualTo(tokens("gpt-3.5-turbo", KOREAN))
        .isEqualTo(tokens("gpt-35-turbo", KOREAN))
        .isGreaterThan(tokens("gpt-4o", KOREAN) * 13 / 10);
  }
}
