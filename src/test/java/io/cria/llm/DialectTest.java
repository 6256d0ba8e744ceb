package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Decoding;
import io.cria.task.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DialectTest {
  private static final Decoding EVERYTHING =
      new Decoding(9, 0.7, 0.0, 0.1, 1.0, 2.0, 1.1, List.of("x"), Map.of("5", -100), 3L);
  private static final LlmRequest PROMPT = LlmRequest.ofPrompt("s", 0, 0, 0, "m", "p", EVERYTHING);
  private static final LlmRequest CHAT =
      LlmRequest.ofMessages("s", 0, 0, 0, "m", List.of(new Message(Message.USER, "u")), EVERYTHING);

  private static String body(Dialect dialect, LlmRequest request, Capabilities capabilities) {
    return new String(dialect.body(request, capabilities), StandardCharsets.UTF_8);
  }

  @Test
  void aServerThatKnowsAllFieldsGetsThemAsGiven() {
    assertThat(body(Dialect.COMPLETIONS, PROMPT, Capabilities.llamaCpp()))
        .isEqualTo(
            "{\"frequency_penalty\":2,\"logit_bias\":{\"5\":-100},\"max_tokens\":9,\"min_p\":0.1,"
                + "\"model\":\"m\",\"presence_penalty\":1,\"prompt\":\"p\",\"repeat_penalty\":1.1,"
                + "\"seed\":3,\"stop\":[\"x\"],\"temperature\":0.7,\"top_p\":0}");
  }

  @Test
  void greedyDecodingStandsForAZeroTopPThatAServerRefuses() {
    assertThat(body(Dialect.COMPLETIONS, PROMPT, Capabilities.plain()))
        .isEqualTo(
            "{\"frequency_penalty\":2,\"max_tokens\":9,\"model\":\"m\",\"presence_penalty\":1,"
                + "\"prompt\":\"p\",\"seed\":3,\"stop\":[\"x\"],\"temperature\":0,\"top_p\":1}");
  }

  @Test
  void chatSendsMessagesAndTheNewNameOfTheTokenLimit() {
    assertThat(body(Dialect.CHAT, CHAT, Capabilities.openAi()))
        .isEqualTo(
            "{\"frequency_penalty\":2,\"logit_bias\":{\"5\":-100},\"max_completion_tokens\":9,"
                + "\"messages\":[{\"content\":\"u\",\"role\":\"user\"}],\"model\":\"m\","
                + "\"presence_penalty\":1,\"seed\":3,\"stop\":[\"x\"],\"temperature\":0.7,"
                + "\"top_p\":0}");
  }

  @Test
  void aProvidersOwnFieldsStandBesideTheOthers() {
    Decoding decoding =
        new Decoding(
            9,
            null,
            null,
            null,
            null,
            null,
            null,
            List.of(),
            Map.of(),
            null,
            Map.of("top_k", 40, "chat_template_kwargs", Map.of("enable_thinking", false)));
    LlmRequest request = LlmRequest.ofPrompt("s", 0, 0, 0, "m", "p", decoding);
    assertThat(body(Dialect.COMPLETIONS, request, Capabilities.plain()))
        .isEqualTo(
            "{\"chat_template_kwargs\":{\"enable_thinking\":false},\"max_tokens\":9,"
                + "\"model\":\"m\",\"prompt\":\"p\",\"top_k\":40}");
  }

  @Test
  void aRequestOfTheOtherDialectIsRefused() {
    assertThatThrownBy(() -> Dialect.CHAT.body(PROMPT, Capabilities.plain()))
        .hasMessageContaining("the chat dialect asks with messages");
    assertThatThrownBy(() -> Dialect.COMPLETIONS.body(CHAT, Capabilities.plain()))
        .hasMessageContaining("the completions dialect asks with a prompt");
  }
}
