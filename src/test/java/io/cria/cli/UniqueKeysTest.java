package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.LocalSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UniqueKeysTest {
  private final List<String> notes = new ArrayList<>();

  private String json(String query) {
    StringWriter out = new StringWriter();
    Terminal terminal = Terminal.of(ColourWhen.NEVER, Map.of());
    new ResultPrinter(new PrintWriter(out), terminal, 10, true, false, notes::add)
        .print(LocalSpark.session().sql(query), ResultPrinter.Format.JSONL);
    return out.toString();
  }

  @Test
  void twoColumnsOfOneNameGetAKeyEach() {
    assertThat(json("select 1 as a, 2 as a, 3 as a_2, 4 as a, null as b"))
        .isEqualTo("{\"a\":1,\"a_3\":2,\"a_2\":3,\"a_4\":4,\"b\":null}\n");
    assertThat(notes)
        .containsExactly(
            "two columns are called a: one is a_3 here; name it with AS for another name",
            "two columns are called a: one is a_4 here; name it with AS for another name");
  }

  @Test
  void soDoFieldsOfStructs() {
    assertThat(json("select array(named_struct('x', 1, 'x', 'two')) as s"))
        .isEqualTo("{\"s\":[{\"x\":1,\"x_2\":\"two\"}]}\n");
    assertThat(notes)
        .singleElement()
        .asString()
        .startsWith("two columns are called s.x: one is s.x_2");
  }

  @Test
  void namesThatAreDifferentStay() {
    assertThat(json("select 1 as `a.b`, 2 as A, 3 as a"))
        .isEqualTo("{\"a.b\":1,\"A\":2,\"a\":3}\n");
    assertThat(notes).isEmpty();
  }
}
