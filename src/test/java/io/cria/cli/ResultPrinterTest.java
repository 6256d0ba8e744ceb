package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.LocalSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultPrinterTest {
  private static String printed(ResultPrinter.Format format, String query) {
    StringWriter out = new StringWriter();
    Terminal terminal = Terminal.of(ColourWhen.NEVER, Map.of());
    new ResultPrinter(new PrintWriter(out), terminal, 10, true, false, note -> {})
        .print(LocalSpark.session().sql(query), format);
    return out.toString();
  }

  @Test
  void aRowOfOneNullIsARowOfCsv() {
    assertThat(
            printed(
                ResultPrinter.Format.CSV,
                "select x from values (1, null), (2, 'a'), (3, ''), (4, null) as t(n, x)"
                    + " order by n"))
        .isEqualTo("x\n\na\n\"\"\n\n");
  }

  private static String table(int rows, boolean vertical, String query) {
    StringWriter out = new StringWriter();
    Terminal terminal = Terminal.of(ColourWhen.NEVER, Map.of());
    new ResultPrinter(new PrintWriter(out), terminal, rows, true, vertical, note -> {})
        .print(LocalSpark.session().sql(query), ResultPrinter.Format.TABLE);
    return out.toString();
  }

  @Test
  void aTerminalObeysNothingThatATableHolds() {
    String query = "select char(27) || '[2J' || char(13) || 'x' as `a\u001bb`";
    assertThat(table(10, false, query)).startsWith("a␛b").contains("\n␛[2J\\rx\n");
    assertThat(table(10, true, query)).contains("a␛b  ␛[2J␍x\n");
    assertThat(printed(ResultPrinter.Format.CSV, query)).contains("\u001b[2J\rx");
    assertThat(printed(ResultPrinter.Format.MD, query)).contains("\u001b[2J<br>x");
  }

  @Test
  void asManyRowsAsAnIntegerHoldsMayBeAskedFor() {
    assertThat(table(Integer.MAX_VALUE, false, "select 7 as n")).isEqualTo("n\n-\n7\n(1 row)\n");
  }
}
