package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibleTest {
  @Test
  void whatATerminalWouldObeyIsShownBySigns() {
    assertThat(Visible.of("a\u001b[31m\r\n\b\u0000\u007f\u009b1m\u202eb\tc"))
        .isEqualTo("a␛[31m␍\n␈␀␡<U+009B>1m<U+202E>b\tc");
    assertThat(Visible.of("\u001b]0;title\u0007")).isEqualTo("␛]0;title␇");
  }

  @Test
  void otherTextsStayAsTheyAre() {
    String text = "Zwei\tSpalten,\n새 두 마리, 🐦; é e\u0301 \u00a0";
    assertThat(Visible.of(text)).isSameAs(text);
  }
}
