package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Decoding;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestRowsTest {
  @Test
  void aDecodingComesBackFromItsRowAsItWas() {
    Decoding decoding =
        new Decoding(
            9,
            0.7,
            0.0,
            0.1,
            1.0,
            2.0,
            1.1,
            List.of("x"),
            Map.of("5", -100),
            3L,
            Map.of(
                "chat_template_kwargs",
                Map.of("enable_thinking", false, "list", List.of(1, 2.5, "a")),
                "top_k",
                40,
                "large",
                1L << 40));
    assertThat(RequestRows.decoding(RequestRows.json(decoding))).isEqualTo(decoding);
    Decoding bare = new Decoding(3, null, null, null, null, null, null, List.of(), Map.of(), null);
    assertThat(RequestRows.json(bare)).isEqualTo("{\"max_tokens\":3}");
    assertThat(RequestRows.decoding("{\"max_tokens\":3}")).isEqualTo(bare);
  }
}
