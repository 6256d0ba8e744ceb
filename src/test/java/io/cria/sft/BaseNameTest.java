package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseNameTest {
  @ParameterizedTest
  @CsvSource({
    "/data/models/llama, llama",
    "hdfs://head/models/llama/, llama",
    "file:/data/own.gguf, own",
    "/c/hub/models--meta-llama--Llama-3.2-1B/snapshots/4e20de36, meta-llama/Llama-3.2-1B",
    "/c/hub/models--gpt2/snapshots/607a30d7/, gpt2",
    "/c/cria/models/SmolLM2-135M-Instruct.Q4_1.gguf, HuggingFaceTB/SmolLM2-135M-Instruct",
    "/, model"
  })
  void aPlaceIsTakenForItsName(String place, String name) {
    assertThat(BaseName.of(null, place)).isEqualTo(name);
    assertThat(BaseName.of("me/it", place)).isEqualTo("me/it");
  }

  @Test
  void aPlaceIsNoNameInARunFile() {
    assertThatThrownBy(() -> new CardConfig("/data/models/llama", List.of()))
        .hasMessage(
            "card.base has '/data/models/llama', which is no name on a hub: write OWNER/NAME, or"
                + " NAME");
    assertThatThrownBy(() -> new CardConfig(null, List.of("a/b/c")))
        .hasMessageStartingWith("card.datasets has 'a/b/c'");
  }
}
