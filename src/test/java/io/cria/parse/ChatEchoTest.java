package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChatEchoTest {
  @Test
  void the_open_number_is_taken_off_the_start() {
    assertThat(ChatEcho.strip("9. Name a bird.\n10. And", 9)).isEqualTo(" Name a bird.\n10. And");
    assertThat(ChatEcho.strip("\n 9 .Name", 9)).isEqualTo("Name");
  }

  @Test
  void the_open_blocks_label_goes_with_it() {
    assertThat(ChatEcho.strip("4. Instruction: Sort\n4. Input: b", 4))
        .isEqualTo(" Sort\n4. Input: b");
  }

  @Test
  void other_numbers_and_decimal_numbers_stay() {
    assertThat(ChatEcho.strip("10. Name", 9)).isEqualTo("10. Name");
    assertThat(ChatEcho.strip("19. Name", 9)).isEqualTo("19. Name");
    assertThat(ChatEcho.strip("9.5 million", 9)).isEqualTo("9.5 million");
    assertThat(ChatEcho.strip("Name 9. birds", 9)).isEqualTo("Name 9. birds");
  }

  @Test
  void only_the_first_echo_goes() {
    assertThat(ChatEcho.strip("9. 9. Name", 9)).isEqualTo(" 9. Name");
  }
}
