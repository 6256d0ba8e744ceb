package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolCallsTest {
  private static final String TAGGED =
      """
      {%- if tools %}
      {{- '<|im_start|>system\\n' }}
      {%- for tool in tools %}{{ tool | tojson }}{% endfor %}
      {{- '<|im_end|>\\n' }}
      {%- endif %}
      {%- for m in messages %}
      {{- '<|im_start|>' + m.role + '\\n' + m.content }}
      {%- for c in m.tool_calls or [] %}
      {{- '<tool_call>\\n{"name": "' + c.function.name + '", "arguments": ' }}
      {{- c.function.arguments | tojson }}
      {{- '}\\n</tool_call>' }}
      {%- endfor %}
      {{- '<|im_end|>\\n' }}
      {%- endfor %}
      """;

  private static boolean areIn(String template, String... controlTexts) {
    return ToolCalls.areIn(
        ChatTemplate.of(template, null, Map.of(), List.of(controlTexts), Clock.systemUTC()));
  }

  @Test
  void aTemplateThatWritesCallsInTagsHasTools() {
    assertThat(areIn(TAGGED, "<|im_start|>", "<|im_end|>")).isTrue();
  }

  @Test
  void callsThatCannotBeReadAreNone() {
    assertThat(areIn(TAGGED.replace("<tool_call>", "[CALL]"))).isFalse();
    assertThat(areIn(TAGGED.replace("\"arguments\"", "\"parameters\""))).isFalse();
    assertThat(areIn(TAGGED, "<tool_call>")).as("tags that are not written out").isFalse();
    assertThat(areIn(TAGGED.replace("{{ tool | tojson }}", ""))).as("not told").isFalse();
    assertThat(areIn("{% for m in messages %}{{ m.content }}{% endfor %}")).isFalse();
    assertThat(areIn("{{ raise_exception('no') }}")).isFalse();
  }
}
