package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.text.Tokenizer;
import org.junit.jupiter.api.Test;

class SideBySideTest {
  private static final String ONE = "Name two small birds, please.";
  private static final String OTHER = "Name two birds.";

  private static String shown(Terminal terminal) {
    return new SideBySide(terminal, Tokenizer.named("rouge-en")).of(ONE, "near", OTHER);
  }

  private static Terminal terminal(boolean is, int columns, boolean coloured) {
    return new Terminal(is, is, columns, new Paint(coloured), Paint.NONE);
  }

  @Test
  void inAFileTheyStandBelowEachOtherWithBrackets() {
    assertThat(shown(terminal(false, 200, false)))
        .isEqualTo("⟦Name two⟧ small ⟦birds⟧, please.\n  near\n  ⟦Name two birds⟧.\n");
  }

  @Test
  void aWideTerminalHasThemBesideEachOther() {
    assertThat(shown(terminal(true, 100, false)))
        .isEqualTo(
            DisplayWidth.padded("⟦Name two⟧ small ⟦birds⟧, please.", 48)
                + " │ ⟦Name two birds⟧.\n  near\n");
  }

  @Test
  void aTerminalObeysNothingOfThem() {
    assertThat(
            new SideBySide(terminal(true, 100, false), Tokenizer.named("rouge-en"))
                .of("Name\u001b[2J birds", "near", "Name\r birds"))
        .isEqualTo(DisplayWidth.padded("⟦Name⟧␛[2J ⟦birds⟧", 48) + " │ ⟦Name␍ birds⟧\n  near\n");
  }

  @Test
  void aNarrowOneWrapsThemAtSpaces() {
    assertThat(shown(terminal(true, 24, false)))
        .isEqualTo("⟦Name two⟧ small\n⟦birds⟧, please.\n  near\n  ⟦Name two birds⟧.\n");
  }

  @Test
  void coloursMarkWhatTheyHaveInCommonAndTakeNoRoom() {
    String mark = "\u001b[1;36m";
    String end = "\u001b[0m";
    assertThat(shown(terminal(true, 100, true)))
        .isEqualTo(
            mark
                + "Name two"
                + end
                + " small "
                + mark
                + "birds"
                + end
                + ", please."
                + " ".repeat(48 - ONE.length())
                + " │ "
                + mark
                + "Name two birds"
                + end
                + ".\n  near\n");
  }

  @Test
  void aColourGoesOnInTheNextLine() {
    assertThat(shown(terminal(true, 20, true)))
        .contains("\u001b[1;36mName two\u001b[0m small\n\u001b[1;36mbirds\u001b[0m, please.\n");
  }
}
