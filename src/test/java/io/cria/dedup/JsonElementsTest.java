package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonElementsTest {
  private static List<String> elements(String array) {
    List<String> texts = new ArrayList<>();
    new JsonElements(new StringReader(array))
        .forEachRemaining(element -> texts.add(element.text()));
    return texts;
  }

  @Test
  void lineBreaksBetweenTokensAreLeftOut() {
    assertThat(elements("[{\n  \"a\":\r\n 1,\n \"b\": [ 1,\n2\n]\n}\n, {}]"))
        .containsExactly("{\"a\":1,\"b\": [ 1,2]}", "{}");
  }

  @Test
  void aLineBreakThatDividesTwoTokensStaysASpace() {
    assertThat(elements("[{\"id\": 12\n34}, {\"a\": tr\r\nue}, 1\n2, {\"a\": \"b\"\n\"c\"}]"))
        .containsExactly("{\"id\": 12 34}", "{\"a\": tr ue}", "1 2", "{\"a\": \"b\"\"c\"}");
  }
}
