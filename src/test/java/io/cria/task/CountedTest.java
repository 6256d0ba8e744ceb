package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountedTest {
  @Test
  void oneIsSingular() {
    assertThat(Counted.of(1, "example")).isEqualTo("1 example");
    assertThat(Counted.of(0, "example")).isEqualTo("0 examples");
    assertThat(Counted.of(2_000, "item")).isEqualTo("2,000 items");
  }
}
