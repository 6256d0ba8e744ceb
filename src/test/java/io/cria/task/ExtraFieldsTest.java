package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtraFieldsTest {
  @Test
  void valuesOfAnyDepthAreCopied() {
    Map<String, Object> inner = new HashMap<>(Map.of("enable_thinking", false));
    inner.put("nothing", null);
    List<Object> list = new ArrayList<>(Arrays.asList(1, 2L, 0.5, null, "x", Map.of("a", 1)));
    Map<String, Object> given = new HashMap<>(Map.of("chat_template_kwargs", inner, "list", list));
    Map<String, Object> copy = ExtraFields.checked(given);
    assertThat(copy.toString())
        .isEqualTo(
            "{chat_template_kwargs={enable_thinking=false, nothing=null},"
                + " list=[1, 2, 0.5, null, x, {a=1}]}");
    inner.clear();
    list.clear();
    assertThat(copy.toString()).contains("enable_thinking", "0.5");
    assertThatThrownBy(() -> copy.put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
    assertThat(ExtraFields.checked(Map.of("a", 3L))).isEqualTo(Map.of("a", 3));
    assertThat(ExtraFields.checked(Map.of("a", 1L << 40))).isEqualTo(Map.of("a", 1L << 40));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model", "messages", "prompt", "max_tokens", "max_completion_tokens", "temperature",
        "top_p", "min_p", "presence_penalty", "frequency_penalty", "repeat_penalty", "stop",
        "logit_bias", "seed", "stream", "n"
      })
  void aFieldThatIsSetAlreadyIsRefusedByItsName(String name) {
    assertThatThrownBy(() -> ExtraFields.checked(Map.of(name, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("extra must not set '" + name + "': ");
  }

  @Test
  void whatIsNoJsonIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> ExtraFields.checked(Map.of("a", Map.of("b", Double.NaN))))
        .hasMessageStartingWith("extra.a.b is no JSON value that can be sent, but NaN");
    assertThatThrownBy(() -> ExtraFields.checked(Map.of("a", List.of(BigInteger.TEN.pow(30)))))
        .hasMessageStartingWith("extra.a[] is no JSON value that can be sent");
    assertThatThrownBy(() -> ExtraFields.checked(Map.of("a", Map.of(1, 2))))
        .hasMessageStartingWith("extra.a has a name that is not a text");
    assertThatThrownBy(() -> ExtraFields.checked(Map.of(" ", 2)))
        .hasMessageContaining("a field without a name");
  }
}
