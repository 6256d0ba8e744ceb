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
}
