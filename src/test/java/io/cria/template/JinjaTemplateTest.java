package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JinjaTemplateTest {
  private static final String CHAT =
      """
      {%- if messages[0].role == 'system' %}
        {%- set system = messages[0].content | trim %}
        {%- set turns = messages[1:] %}
      {%- else %}
        {%- set system = 'Be kind.' %}
        {%- set turns = messages %}
      {%- endif %}
      {{- bos_token + '<system>' + system + '\\n' }}
      {%- for turn in turns %}
        {%- if (turn.role == 'user') != (loop.index0 % 2 == 0) %}
          {{- raise_exception('turns must alternate, not ' ~ turn.role) }}
        {%- endif %}
        {%- if turn.role == 'user' %}
          {{- '<user>' + turn.content + '\\n' }}
        {%- else %}
          {{- '<assistant>' }}
          {%- generation %}
            {{- turn.content }}
            {%- for call in turn.tool_calls %}
              {{- call.function.name ~ call.function.arguments | tojson }}
            {%- endfor %}
            {{- eos_token }}
          {%- endgeneration %}
        {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
        {{- '<assistant>' }}
      {%- endif %}
      """;

  private final JinjaTemplate template = JinjaTemplate.parse(CHAT);

  @Test
  void aChatBecomesItsTextWithTheGeneratedRanges() {
    Rendered rendered =
        template.render(
            chat(
                Map.of("role", "user", "content", "Hi 🦙"),
                Map.of("role", "assistant", "content", "Hello"),
                Map.of("role", "user", "content", "Weather?"),
                Map.of(
                    "role",
                    "assistant",
                    "content",
                    "",
                    "tool_calls",
                    List.of(
                        Map.of(
                            "function",
                            Map.of("name", "look", "arguments", Map.of("city", "Zürich")))))));
    assertThat(rendered.text())
        .isEqualTo(
            """
            <s><system>Be kind.
            <user>Hi 🦙
            <assistant>Hello</s><user>Weather?
            <assistant>look{"city": "Zürich"}</s>""");
    assertThat(rendered.generated())
        .extracting(range -> rendered.text().substring(range.start(), range.end()))
        .containsExactly("Hello</s>", "look{\"city\": \"Zürich\"}</s>");
  }

  @Test
  void theGenerationPromptAndASystemTurnAreTheTemplates() {
    Map<String, Object> chat =
        chat(
            Map.of("role", "system", "content", " Short. "),
            Map.of("role", "user", "content", "Q"));
    chat.put("add_generation_prompt", true);
    Rendered rendered = template.render(chat);
    assertThat(rendered.text()).isEqualTo("<s><system>Short.\n<user>Q\n<assistant>");
    assertThat(rendered.generated()).isEmpty();
  }

  @Test
  void theTemplatesOwnRefusalIsToldWithItsLine() {
    TemplateException refusal =
        catchThrowableOfType(
            TemplateException.class,
            () -> template.render(chat(Map.of("role", "assistant", "content", "first"))));
    assertThat(refusal).hasMessage("chat template, line 11: turns must alternate, not assistant");
    assertThat(refusal.line()).isEqualTo(11);
  }

  @Test
  void variablesOfJavaAreValuesOfPython() {
    Map<String, Object> variables = new HashMap<>();
    variables.put("none", null);
    variables.put("v", new ArrayList<>(List.of(1, 2L, (short) 3, 1.5f, 2.5, true, BigInteger.TWO)));
    assertThat(JinjaTemplate.parse("{{ v }} {{ none is none }}").render(variables).text())
        .isEqualTo("[1, 2, 3, 1.5, 2.5, True, 2] True");
  }

  @Test
  void aVariableOfAnotherTypeIsRefused() {
    assertThatThrownBy(() -> JinjaTemplate.parse("x").render(Map.of("v", new StringBuilder())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no value of a template: java.lang.StringBuilder");
  }

  @Test
  void aVariableHidesAFunctionOfTheSameName() {
    assertThat(JinjaTemplate.parse("{{ range }}").render(Map.of("range", "mine")).text())
        .isEqualTo("mine");
  }

  @Test
  void whatIsNoNumberIsUnequalToItselfAndSortsLast() {
    String template = "{{ v == v }} {{ v[0] < 1 }} {{ v | sort }}";
    List<Double> numbers = List.of(Double.NaN, 2.0, -1.0);
    assertThat(JinjaTemplate.parse(template).render(Map.of("v", numbers)).text())
        .isEqualTo("False False [-1.0, 2.0, nan]");
  }

  @Test
  void oneRenderingLeavesNothingForTheNext() {
    JinjaTemplate counting = JinjaTemplate.parse("{{ seen is defined }}{% set seen = 1 %}");
    assertThat(counting.render(Map.of()).text()).isEqualTo("False");
    assertThat(counting.render(Map.of()).text()).isEqualTo("False");
  }

  private static Map<String, Object> chat(Object... messages) {
    Map<String, Object> variables = new HashMap<>();
    variables.put("messages", List.of(messages));
    variables.put("bos_token", "<s>");
    variables.put("eos_token", "</s>");
    return variables;
  }
}
