package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Decoding;
import io.cria.task.Ids;
import io.cria.task.Message;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestKeyTest {
  private static final Decoding DECODING =
      new Decoding(
          1024, 0.7, 0.5, null, 2.0, 0.0, null, List.of("\n\n", "16 ."), Map.of("50256", -100), 7L);

  @Test
  void thePromptFormIsWhatTheContractSays() {
    String form =
        "{\"decoding\":{\"frequency_penalty\":0,\"logit_bias\":{\"50256\":-100},\"max_tokens\":1024,\"presence_penalty\":2,\"seed\":7,\"stop\":[\"\\n"
            + "\\n"
            + "\",\"16 .\"],\"temperature\":0.7,\"top_p\":0.5},\"model\":\"m\",\"prompt\":\"한"
            + " \\\"x\\\"\",\"sample\":2,\"v\":1}";
    assertThat(RequestKey.of("m", "한 \"x\"", List.of(), DECODING, 2))
        .isEqualTo(Ids.sha256(form))
        .isEqualTo("f961c983728a3320025f5590cc9557437292128669371b8e4573e9f59a56d5b0");
    assertThat(RequestKey.contentKey("m", "한 \"x\"", List.of(), DECODING))
        .isEqualTo(Ids.sha256(form.replace(",\"sample\":2", "")));
  }

  @Test
  void theChatFormIsWhatTheContractSays() {
    Decoding bare = new Decoding(3, null, null, null, null, null, null, List.of(), Map.of(), null);
    List<Message> chat = List.of(new Message("system", "s"), new Message("user", "u"));
    String form =
        "{\"decoding\":{\"max_tokens\":3},\"messages\":[{\"content\":\"s\",\"role\":\"system\"},"
            + "{\"content\":\"u\",\"role\":\"user\"}],\"model\":\"m\",\"sample\":0,\"v\":1}";
    assertThat(RequestKey.of("m", null, chat, bare, 0))
        .isEqualTo(Ids.sha256(form))
        .isEqualTo("7686f966fafa3f768fcd9b7a27041ec4ae54670250ac579c93440e64a47eb40f");
  }

  @Test
  void aProvidersOwnFieldsEnterUnderExtraAndNothingEntersWithoutThem() {
    Decoding bare = new Decoding(3, null, null, null, null, null, null, List.of(), Map.of(), null);
    Decoding extra =
        new Decoding(
            3,
            null,
            null,
            null,
            null,
            null,
            null,
            List.of(),
            Map.of(),
            null,
            Map.of("reasoning_effort", "low", "top_k", 4));
    assertThat(RequestKey.of("m", "p", List.of(), extra, 0))
        .isEqualTo(
            Ids.sha256(
                "{\"decoding\":{\"extra\":{\"reasoning_effort\":\"low\",\"top_k\":4},"
                    + "\"max_tokens\":3},\"model\":\"m\",\"prompt\":\"p\",\"sample\":0,\"v\":1}"));
    assertThat(RequestKey.of("m", "p", List.of(), bare, 0))
        .isEqualTo(
            Ids.sha256(
                "{\"decoding\":{\"max_tokens\":3},\"model\":\"m\",\"prompt\":\"p\",\"sample\":0,"
                    + "\"v\":1}"));
  }

  @Test
  void roundRowAndStageDoNotEnterButSampleDoes() {
    LlmRequest a = LlmRequest.ofPrompt("generate", 0, 0, 0, "m", "p", DECODING);
    LlmRequest b = LlmRequest.ofPrompt("classify", 4, 9, 0, "m", "p", DECODING);
    LlmRequest c = LlmRequest.ofPrompt("generate", 0, 0, 1, "m", "p", DECODING);
    assertThat(a.requestKey()).isEqualTo(b.requestKey()).isNotEqualTo(c.requestKey());
  }

  @Test
  void aRequestHasEitherAPromptOrMessages() {
    List<Message> chat = List.of(new Message("user", "u"));
    assertThatThrownBy(() -> RequestKey.of("m", "p", chat, DECODING, 0))
        .hasMessage("a request has either a prompt or messages");
    assertThatThrownBy(() -> RequestKey.of("m", null, List.of(), DECODING, 0))
        .hasMessage("a request has either a prompt or messages");
  }
}
