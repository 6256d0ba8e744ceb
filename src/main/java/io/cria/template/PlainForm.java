package io.cria.template;

import java.util.List;

/**
 * The chat form of a model that brings none: {@code User: …}, a blank line, {@code Assistant: …}
 * and the model's end token.
 */
public final class PlainForm {
  /** One line for a person, where the form is used. */
  public static final String SAID =
      "the model brings no chat template: chats take the plain form, User: … and Assistant: …";

  private static final String TEMPLATE =
      """
      {%- for message in messages -%}
      {%- if message.role == 'system' -%}
      {{- message.content + '\\n\\n' -}}
      {%- elif message.role == 'user' -%}
      {{- 'User: ' + message.content + '\\n\\n' -}}
      {%- elif message.role == 'assistant' -%}
      {{- 'Assistant: ' + message.content + eos_token + '\\n\\n' -}}
      {%- else -%}
      {{- raise_exception('the plain form has system, user and assistant, not ' + message.role) -}}
      {%- endif -%}
      {%- endfor -%}
      {%- if add_generation_prompt -%}
      {{- 'Assistant:' -}}
      {%- endif -%}
      """;

  private PlainForm() {}

  /**
   * @param begins whether the model begins every sequence with {@code bos_token}
   */
  public static String template(boolean begins) {
    return begins ? "{{- bos_token -}}\n" + TEMPLATE : TEMPLATE;
  }

  /** Where the answer of a model ends that was never taught the form. */
  public static List<String> stops() {
    return List.of("\n\nUser:");
  }
}
