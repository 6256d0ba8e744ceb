package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.serve.CalledTools.Call;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalledToolsTest {
  @Test
  void callsAreTakenOutOfTheText() {
    CalledTools called =
        CalledTools.of(
            "I look.\n<tool_call>\n{\"name\": \"river\", \"arguments\": {\"of\": \"Köln\"}}\n"
                + "</tool_call>\n<tool_call>{\"arguments\":{},\"name\":\"sea\"}");

    assertThat(called.content()).isEqualTo("I look.");
    assertThat(called.calls())
        .containsExactly(new Call("river", "{\"of\":\"Köln\"}"), new Call("sea", "{}"));
  }

  @Test
  void callsAloneLeaveNoContent() {
    assertThat(CalledTools.of("<tool_call>{\"name\":\"sea\",\"arguments\":{}}</tool_call>"))
        .isEqualTo(new CalledTools(null, List.of(new Call("sea", "{}"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " plain ",
        "<tool_call>",
        "<tool_call></tool_call>",
        "<tool_call>{\"name\": \"sea\"</tool_call>",
        "<tool_call>{\"name\": 5, \"arguments\": {}}</tool_call>",
        "<tool_call>{\"name\": \"sea\", \"arguments\": \"x\"}</tool_call> and <tool_call>[]"
      })
  void whatIsNoCallStaysText(String text) {
    assertThat(CalledTools.of(text)).isEqualTo(new CalledTools(text, List.of()));
  }
}
