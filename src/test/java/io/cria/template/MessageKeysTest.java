package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What of a message a template sees. */
class MessageKeysTest {
  private static String keys(Map<String, @Nullable String> message) {
    ChatTemplate template =
        ChatTemplate.of(
            "{% for k in messages[0] %}{{ k }}={{ messages[0][k] }} {% endfor %}",
            null, Map.of(), List.of(), Clock.systemUTC());
    return template.prompt(List.of(message), List.of()).plain();
  }

  private static Map<String, @Nullable String> answer(String key, @Nullable String value) {
    Map<String, @Nullable String> message = new LinkedHashMap<>();
    message.put("role", "assistant");
    message.put("name", null);
    message.put(key, value);
    message.put("content", "A");
    return message;
  }

  @Test
  void reasoningComesUnderEachNameAndInTheOrderOfTransformers() {
    assertThat(keys(answer("reasoning", "so")))
        .isEqualTo("thinking=so role=assistant reasoning=so content=A reasoning_content=so ");
    assertThat(keys(answer("reasoning_content", "so")))
        .isEqualTo("thinking=so role=assistant reasoning_content=so content=A ");
  }

  @Test
  void keysWithoutAValueAreLeftOut() {
    assertThat(keys(answer("tool_calls", null))).isEqualTo("role=assistant content=A ");
  }
}
