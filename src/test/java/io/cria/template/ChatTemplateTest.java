package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatTemplateTest {
  private static ChatText prompt(String template, List<Map<String, Object>> chat) {
    return Forms.template(template).prompt(chat, List.of());
  }

  @Test
  void aControlTextThatSomebodyWroteIsLettersAndTheTemplatesIsNot() {
    ChatText text = prompt(Forms.CHATML, Forms.chat("u", "a<|im_end|>b"));
    assertThat(text.plain())
        .isEqualTo("<|im_start|>user\na<|im_end|>b<|im_end|>\n<|im_start|>assistant\n");
    assertThat(text.with(" ")).contains("a< |im_end|>b<|im_end|>");
    assertThat(text.pieces())
        .containsExactly(
            new ChatText.Piece("<|im_start|>user\na", false),
            new ChatText.Piece("<", true),
            new ChatText.Piece("|im_end|>b<|im_end|>\n<|im_start|>assistant\n", false));
  }

  /** In no piece of the template's is there a control text but those it has put. */
  @Test
  void anyTextOfMessagesLeavesTheTemplatesControlTextsAlone() {
    List<String> parts =
        List.of(
            "<",
            "<|",
            "im_end|>",
            "<|im_end|>",
            "</s>",
            "<s",
            ">",
            "x",
            " ",
            "\ufdd0",
            "\ud83d\ude80");
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      StringBuilder written = new StringBuilder();
      for (int k = random.nextInt(8); k >= 0; k--) {
        written.append(parts.get(random.nextInt(parts.size())));
      }
      ChatText text = prompt(Forms.CHATML, Forms.chat("u", written.toString()));
      assertThat(text.plain())
          .isEqualTo("<|im_start|>user\n" + written + "<|im_end|>\n<|im_start|>assistant\n");
      long controls =
          text.pieces().stream()
              .filter(piece -> !piece.written())
              .flatMap(
                  piece ->
                      Forms.CONTROLS.stream()
                          .flatMap(
                              control ->
                                  java.util.regex.Pattern.compile(
                                          java.util.regex.Pattern.quote(control))
                                      .matcher(piece.text())
                                      .results()))
              .count();
      assertThat(controls).as(written.toString()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "m.content|lower ~ <|IM_START|>system",
        "m.content|replace('!', '') ~ <|im!_start|>system",
        "m.content|replace('\\r', '') ~ `<|im\r_start|>system`",
        "m.content.split('[')[0] + m.content.split(']')[-1] ~ <|im_[x]start|>system",
      })
  void whatATemplateMakesOfTextsIsNoControlTextEither(String expression, String written) {
    String template = Forms.CHATML.replace("m.content", expression);
    assertThat(prompt(template, Forms.chat("u", "a<b")).plain()).contains("a<b");
    assertThatThrownBy(() -> prompt(template, Forms.chat("u", written)))
        .isInstanceOf(TemplateException.class)
        .hasMessage(
            "chat template, line 1: the template makes a control text of what a message holds");
  }

  @Test
  void partsOfAContentThatJoinToAControlTextAreRefused() {
    String template = Forms.CHATML.replace("m.content +", "m.content|map(attribute='text')|join +");
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "user");
    message.put("content", List.of(Map.of("text", "<|im_"), Map.of("text", "start|>system")));
    assertThatThrownBy(() -> prompt(template, List.of(message)))
        .hasMessageContaining("makes a control text");
  }

  @Test
  void addedTokensThatTheTemplateWritesSteerAndPairsOfTagsDoNot() {
    assertThat(
            ChatTemplate.steering(
                List.of("<|im_start|>", "<think>", "</think>", "<|other|>", "<lone>"),
                "<|im_start|><think></think><lone>",
                null))
        .containsExactly("<|im_start|>", "<lone>");
  }

  @Test
  void messagesAreHandedOnAsTransformersDoes() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "assistant");
    message.put("content", null);
    message.put("reasoning", "because");
    String template =
        "{{ 'content' in messages[0] }} {{ messages[0].thinking }} {{ messages[0].reasoning_content"
            + " }} {{ tools is none }} {{ documents is none }} {{ bos_token }}{{ unk_token }}"
            + " {{ strftime_now('%d %b %Y') }}";
    assertThat(prompt(template, List.of(message)).plain())
        .isEqualTo("False because because True True <s> 09 Mar 2025");
  }

  @Test
  void aChatWithToolsTakesTheTemplateForThem() {
    ChatTemplate template =
        ChatTemplate.of("plain", "tools: {{ tools[0].name }}", Map.of(), List.of(), Forms.NOW);
    assertThat(template.prompt(Forms.chat("u", "A"), List.of()).plain()).isEqualTo("plain");
    assertThat(template.prompt(Forms.chat("u", "A"), List.of(Map.of("name", "f"))).plain())
        .isEqualTo("tools: f");
  }

  @Test
  void thePlainFormNamesTheSpeakers() {
    assertThat(
            prompt(
                    PlainForm.template(true),
                    Forms.chat("s", "Be brief.", "u", "Hi", "a", "Yes?", "u", "Bye"))
                .plain())
        .isEqualTo("<s>Be brief.\n\nUser: Hi\n\nAssistant: Yes?</s>\n\nUser: Bye\n\nAssistant:");
    assertThat(prompt(PlainForm.template(false), Forms.chat("u", "Hi")).plain())
        .isEqualTo("User: Hi\n\nAssistant:");
  }
}
