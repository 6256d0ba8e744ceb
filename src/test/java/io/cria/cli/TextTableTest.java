package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  private static TextTable table() {
    TextTable table = new TextTable(List.of("n", "instruction", "reason"), Integer.MAX_VALUE);
    table.add(List.of("1", "Name two birds that swim.", "similar"));
    table.add(List.of("20", "새 두 마리의 이름을 대라.", "too_short"));
    return table;
  }

  @Test
  void columnsStandBelowEachOtherWhateverTheScript() {
    assertThat(table().render())
        .isEqualTo(
            """
            n   instruction                reason
            --  -------------------------  ---------
            1   Name two birds that swim.  similar
            20  새 두 마리의 이름을 대라.  too_short
            """);
  }

  @Test
  void theWidestCellsAreCutAtTheEdgeOfATerminal() {
    String shown = table().render(30, Paint.NONE);
    assertThat(shown.lines()).allMatch(line -> DisplayWidth.of(line) <= 30);
    assertThat(shown)
        .isEqualTo(
            """
            n   instruction      reason
            --  ---------------  ---------
            1   Name two birds…  similar
            20  새 두 마리의 …   too_short
            """);
  }

  @Test
  void whatCannotBeReadDoesNotFit() {
    assertThat(table().fits(18)).isTrue();
    assertThat(table().fits(17)).isFalse();
  }

  @Test
  void aTerminalsHeadIsBold() {
    assertThat(table().render(80, new Paint(true))).startsWith("\u001b[1mn ");
  }
}
