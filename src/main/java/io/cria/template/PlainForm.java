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

  private static final String ANSWER =
      """
      {{- 'Assistant: ' + message.content + eos_token + '\\n\\n' -}}
      """;

  /** Texts as {@link #ANSWER} has them, and what the model says between transformers' marks. */
  private static final String MARKED_ANSWER =
      """
      {{- 'Assistant:' -}}
      {% generation %}
      {{- ' ' + message.content + eos_token -}}
      {% endgeneration %}
      {{- '\\n\\n' -}}
      """;

  private static final String TEMPLATE =
      """
      {%- for message in messages -%}
      {%- if message.role == 'system' -%}
      {{- message.content + '\\n\\n' -}}
      {%- elif message.role == 'user' -%}
      {{- 'User: ' + message.content + '\\n\\n' -}}
      {%- elif message.role == 'assistant' -%}
      """
          + ANSWER
          + """
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

  /**
   * The same with what the assistant says between {@code generation} marks, by which trainers know
   * what is learnt. It renders to the same text; not every program knows the marks.
   */
  public static String marked(boolean begins) {
    return template(begins).replace(ANSWER, MARKED_ANSWER);
  }

  /** A marked template of this form without the marks; any other as it is. */
  public static String unmarked(String template) {
    for (boolean begins : new boolean[] {true, false}) {
      if (template.equals(marked(begins))) {
        return template(begins);
      }
    }
    return template;
  }

  /** Where the answer of a model ends that was never taught the form. */
  public static List<String> stops() {
    return List.of("\n\nUser:");
  }
}
