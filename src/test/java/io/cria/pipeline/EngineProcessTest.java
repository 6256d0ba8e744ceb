package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineProcessTest {
  @Test
  void theHeapIsTheUsersWhereOneIsGiven() {
    assertThat(EngineProcess.heap(null)).isEqualTo("4g");
    assertThat(EngineProcess.heap("")).isEqualTo("4g");
    assertThat(EngineProcess.heap("512m")).isEqualTo("512m");
    assertThat(EngineProcess.heap("12G")).isEqualTo("12G");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "0g", "8 g", "much", "4g -XX:+X"})
  void whatIsNoSizeIsRefused(String given) {
    assertThatThrownBy(() -> EngineProcess.heap(given))
        .hasMessage(
            "CRIA_ENGINE_HEAP="
                + given
                + ": this is no size: write a number with k, m or g, such as 8g");
  }
}
