package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextGenerator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChatLayoutTest {
  private static final List<Message> CHAT =
      List.of(
          new Message("system", "Be brief."),
          new Message("user", "Hi"),
          new Message("assistant", "Yes?"),
          new Message("user", "Bye"));

  @Test
  void chatMlMarksEveryMessageAndOpensTheAnswer() {
    assertThat(ChatLayout.CHATML.prompt(CHAT, text -> text))
        .isEqualTo(
            """
            <|im_start|>system
            Be brief.<|im_end|>
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            Yes?<|im_end|>
            <|im_start|>user
            Bye<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void plainLayoutNamesTheSpeakers() {
    assertThat(ChatLayout.PLAIN.prompt(CHAT, text -> text))
        .isEqualTo("Be brief.\n\nUser: Hi\n\nAssistant: Yes?\n\nUser: Bye\n\nAssistant:");
  }

  @Test
  void aGeneratorOfThisProcessIsServedThroughItsLayout() throws Exception {
    Echo echo = new Echo();
    try (Backend backend =
        new GeneratorBackend(echo, ChatLayout.PLAIN, text -> text.toUpperCase(Locale.ROOT))) {
      Decoding decoding =
          new Decoding(9, null, null, null, null, null, null, List.of("."), Map.of(), null);

      assertThat(backend.chat(List.of(new Message("user", "hi")), decoding).text())
          .isEqualTo("User: HI\n\nAssistant: until [., \n\nUser:]");
      assertThat(backend.complete("go", decoding).text()).isEqualTo("go until [.]");
      assertThat(backend.modelName()).isEqualTo("echo");
      assertThat(backend.contextLength()).isEqualTo(99);
    }
    assertThat(echo.isClosed).isTrue();
  }

  private static final class Echo implements TextGenerator {
    private boolean isClosed;

    @Override
    public Generated generate(String prompt, Decoding decoding) {
      return new Generated(prompt + " until " + decoding.stop(), "stop", 1, 1);
    }

    @Override
    public String modelName() {
      return "echo";
    }

    @Override
    public int contextLength() {
      return 99;
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}
