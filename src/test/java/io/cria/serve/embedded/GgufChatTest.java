package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Message;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GgufChatTest {
  private static final Conversation HI = Conversation.of(List.of(new Message("user", "Hi</s>")));

  private static GgufChat chat(@Nullable String template, boolean addsBos) {
    return GgufChat.of(
        new GgufHeader(
            "llama",
            256,
            List.of("<s>", "</s>"),
            addsBos,
            Map.of("bos_token", "<s>", "eos_token", "</s>"),
            template),
        Clock.systemUTC());
  }

  @Test
  void aChatTakesTheFilesOwnTemplateAndBreaksWrittenControlTexts() {
    GgufChat chat =
        chat(
            "{{ bos_token }}{% for m in messages %}{{ m.content + eos_token }}{% endfor %}", false);
    assertThat(chat.prompt(HI)).isEqualTo("<s>Hi< /s></s>");
    assertThat(chat.notice()).isEmpty();
    assertThat(chat.stops()).isEmpty();
    assertThat(chat.callsTools()).isFalse();
  }

  @Test
  void aBeginThatLlamaCppPutsIsNotPutTwice() {
    String template = "{{ bos_token }}{{ messages[0].content }}";
    assertThat(chat(template, true).prompt(HI)).isEqualTo("Hi< /s>");
  }

  @Test
  void aFileWithoutATemplateHasThePlainFormAndItsStops() {
    GgufChat chat = chat(null, true);
    assertThat(chat.prompt(HI)).isEqualTo("User: Hi< /s>\n\nAssistant:");
    assertThat(chat.stops()).containsExactly("\n\nUser:");
    assertThat(chat.notice()).hasValueSatisfying(said -> assertThat(said).contains("plain form"));
  }

  @Test
  void aTemplateThatIsNoneRefusesChatsAndSaysSoAtStart() {
    GgufChat chat = chat("{% what %}", true);
    assertThat(chat.notice())
        .hasValueSatisfying(
            said ->
                assertThat(said).startsWith("its chat template cannot be used").contains("what"));
    assertThatThrownBy(() -> chat.prompt(HI))
        .isInstanceOf(CriaException.class)
        .hasMessageEndingWith("): use /v1/completions");
    assertThatThrownBy(() -> chat("{{ raise_exception('no') }}", true).prompt(HI))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("does not take these messages (chat template, line 1: no)");
  }
}
