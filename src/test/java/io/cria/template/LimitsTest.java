package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void stepsAreBounded() {
    refused(
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "more than 20000000 steps");
  }

  @Test
  void macrosThatCallThemselvesAreBounded() {
    refused("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "more than 600 levels");
  }

  @Test
  void longChainsOfOperatorsAreBounded() {
    refused("{{ 1" + " + 1".repeat(5000) + " }}", "more than 600 levels");
    assertThat(render("{{ 1" + " + 1".repeat(300) + " }}")).isEqualTo("301");
  }

  @Test
  void bracketsInTheSourceAreBounded() {
    refused(
        "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
        "more than 60 brackets and blocks inside each other");
    refused("{{ " + "not ".repeat(5000) + "1 }}", "more than 60 brackets and blocks");
    refused("{{ " + "-".repeat(5000) + "1 }}", "more than 60 brackets and blocks");
    refused("{% if 1 %}".repeat(5000), "more than 60 brackets and blocks");
  }

  @Test
  void valuesInsideEachOtherAreBounded() {
    String deep =
        "{% set ns = namespace(x=1) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}";
    refused(deep + "{{ ns.x }}", "more than 600 levels");
    refused(deep + "{{ ns.x | tojson }}", "more than 600 levels");
    refused(deep + "{{ ns.x == [ns.x] }}", "more than 600 levels");
  }

  @Test
  void valuesThatShareTheirPartsAreBounded() {
    String wide =
        "{% set ns = namespace(x=1, y=1) %}{% for i in range(60) %}"
            + "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}";
    refused(wide + "{{ ns.x == ns.y }}", "a value of more than 1000000 parts");
    refused(wide + "{{ ns.x }}", "a value of more than 1000000 parts");
  }

  @Test
  void textsAreBounded() {
    String limit = "a text of more than 16000000 characters";
    refused("{{ 'ab' * 1000000000 }}", limit);
    refused("{{ 'a' * 99999999999999999999 }}", limit);
    refused("{% for i in range(100) %}{{ 'a' * 1000000 }}{% endfor %}", limit);
    refused("{{ ('a' * 100000).replace('a', 'b' * 100000) }}", limit);
    refused("{{ ('a' * 1000000) | indent(999999999, first=true) }}", limit);
    refused("{{ [1] | tojson(indent=999999999) }}", limit);
    refused("{{ range(100000) | join('a' * 1000) }}", limit);
    refused(
        "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}"
            + "{% endfor %}",
        limit);
  }

  @Test
  void listsAreBounded() {
    String limit = "a list of more than 1000000 elements";
    refused("{{ [1] * 1000000000 }}", limit);
    refused(
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}"
            + "{% endfor %}",
        limit);
    refused("{{ ('a' * 2000000) | list }}", limit);
  }

  @Test
  void integersAreBounded() {
    refused("{{ 10 ** 1000000000 }}", "an integer of more than 65536 bits");
    refused("{{ 10 ** (10 ** 10) }}", "an integer of more than 65536 bits");
    refused("{{ " + "9".repeat(2000) + " }}", "an integer of more than 1000 digits");
  }

  private static void refused(String template, String why) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("chat template, line 1: " + why);
  }

  private static String render(String template) {
    return JinjaTemplate.parse(template).render(Map.of()).text();
  }
}
