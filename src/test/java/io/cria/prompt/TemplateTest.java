package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TemplateTest {
  @Test
  void fillsEverySlotAsOftenAsItStands() {
    Template template = Template.parse("t", "{{a}} and {{b}}, {{a}}", Set.of("a", "b"));

    assertThat(template.render(Map.of("a", "x", "b", "y"))).isEqualTo("x and y, x");
  }

  @Test
  void aValueThatLooksLikeASlotStaysWhatItIs() {
    Template template = Template.parse("t", "{{a}}{{b}}", Set.of("a", "b"));

    assertThat(template.render(Map.of("a", "{{b}}", "b", "$1\\"))).isEqualTo("{{b}}$1\\");
  }

  @Test
  void otherBracesAreText() {
    Template template = Template.parse("t", "{a} {{ a }} {{}} {{{a}}}", Set.of("a"));

    assertThat(template.render(Map.of("a", "x"))).isEqualTo("{a} {{ a }} {{}} {x}");
  }

  @Test
  void theLineEndThatClosesTheFileIsNotText() {
    assertThat(Template.parse("t", "1.\n", Set.of()).render(Map.of())).isEqualTo("1.");
    assertThat(Template.parse("t", "1.\r\n\r\n", Set.of()).render(Map.of())).isEqualTo("1.\n");
  }

  @Test
  void namesAnUnknownSlotItsLineAndTheKnownOnes() {
    assertThatThrownBy(
            () ->
                Template.parse(
                    "p/round.txt", "x\n{{demonstration}}", Set.of("open_number", "demonstrations")))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(
            "unknown slot {{demonstration}}, p/round.txt:2: this template has {{demonstrations}},"
                + " {{open_number}}");
  }

  @Test
  void namesAMissingSlot() {
    assertThatThrownBy(() -> Template.parse("p/round.txt", "x {{b}}", Set.of("a", "b", "c")))
        .hasMessage(
            "missing slot {{a}}, {{c}}, p/round.txt: write it where its text belongs in the"
                + " prompt");
  }

  @Test
  void refusesValuesForOtherSlots() {
    Template template = Template.parse("t", "{{a}}", Set.of("a"));

    assertThatThrownBy(() -> template.render(Map.of("b", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("t has the slots {{a}}, not {{b}}");
  }

  @Test
  void namesAMissingPromptFile() {
    PromptFiles files = new PromptFiles("conf/prompts/mine", Map.of("a.txt", "", "b.txt", ""));

    assertThatThrownBy(() -> files.template("round.txt"))
        .hasMessage(
            "no prompt file round.txt, conf/prompts/mine: add it, or point prompts at a folder that"
                + " has it (this one has a.txt, b.txt)");
  }

  @Test
  void theContentHashFollowsNamesAndContentsOnly() {
    PromptFiles files = new PromptFiles("here", Map.of("a", "1", "b", "2"));

    assertThat(new PromptFiles("there", Map.of("b", "2", "a", "1")).contentHash())
        .isEqualTo(files.contentHash())
        .hasSize(64);
    assertThat(new PromptFiles("here", Map.of("a", "2", "b", "1")).contentHash())
        .isNotEqualTo(files.contentHash());
    assertThat(new PromptFiles("here", Map.of("a", "1", "c", "2")).contentHash())
        .isNotEqualTo(files.contentHash());
  }
}
