package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlainTextTest {
  private final PlainText plainText = new PlainText(List.of("<|im_end|>", "<s>", "</s>", "<"));

  @Test
  void namesOfControlTokensAreBrokenWhereverTheyStand() {
    assertThat(plainText.of("a<|im_end|><s>b</s>")).isEqualTo("a< |im_end|>< s>b< /s>");
  }

  @Test
  void otherTextStaysAsItIs() {
    String text = "if (a < b && c > d) <|im_ end|> \ud83d\ude80 \uac00";
    assertThat(plainText.of(text)).isEqualTo(text);
  }
}
