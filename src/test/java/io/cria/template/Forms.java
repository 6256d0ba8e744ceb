package io.cria.template;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Templates of our own in the ways that published ones are written, and chats to render. */
final class Forms {
  static final List<String> CONTROLS =
      List.of("<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|end|>", "<|eos|>");
  static final Clock NOW = Clock.fixed(Instant.parse("2025-03-09T10:00:00Z"), ZoneOffset.UTC);

  static final String CHATML =
      """
      {% for m in messages %}
      {{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  /** Marks answers with their header, as some do. */
  static final String GENERATION =
      """
      {%- for m in messages %}
      {%- if m.role == 'assistant' %}
      {%- generation %}
      {{- '<|im_start|>assistant\\n' + m.content }}
      {%- endgeneration %}
      {{- '<|im_end|>\\n' }}
      {%- else %}
      {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}
      {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  /** Drops what was thought in earlier turns. */
  static final String FORGETS =
      """
      {%- for m in messages %}
      {{- '<|im_start|>' + m.role + '\\n' }}
      {%- if m.role == 'assistant' and loop.last %}
      {{- '<think>\\n' + m.reasoning_content|default('') + '\\n</think>\\n\\n' }}
      {%- endif %}
      {{- m.content + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  /** Opens the thinking in the prompt alone. */
  static final String THINKS_IN_THE_PROMPT =
      """
      {%- for m in messages %}
      {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n<think>\\n' }}
      {%- endif %}
      """;

  /** Puts its prompt behind every chat, asked or not, and calls it no part of an answer. */
  static final String ALWAYS_PROMPTS =
      """
      {%- for m in messages %}
      {%- if m.role == 'user' %}
      {{- '<s>' + m.content + '<|end|>' }}
      {%- else %}
      {{- m.content + '</s>' }}
      {%- endif %}
      {%- endfor %}
      {{- '<|eos|>' if messages[-1].role == 'assistant' else '' }}
      """;

  /** Ends the last turn of all with one more token. */
  static final String ENDS_TWICE =
      """
      {%- for m in messages %}
      {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|end|>\\n' }}
      {%- endfor %}
      {{- '<|im_start|>assistant\\n' if add_generation_prompt else '<|eos|>' }}
      """;

  /** Has no control token behind an answer. */
  static final String ENDLESS =
      """
      {%- for m in messages %}
      {{- m.role + ': ' + m.content + '\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- 'assistant: ' }}
      {%- endif %}
      """;

  private Forms() {}

  static ChatTemplate template(String text) {
    return ChatTemplate.of(
        text, null, Map.of("bos_token", "<s>", "eos_token", "</s>"), CONTROLS, NOW);
  }

  /** Roles by their first letter and contents, in turn. */
  static List<Map<String, Object>> chat(String... turns) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (int i = 0; i < turns.length; i += 2) {
      String role =
          switch (turns[i]) {
            case "s" -> "system";
            case "u" -> "user";
            default -> "assistant";
          };
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("role", role);
      message.put("content", turns[i + 1]);
      messages.add(message);
    }
    return messages;
  }
}
