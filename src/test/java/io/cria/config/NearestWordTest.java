package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {
  @ParameterizedTest
  @CsvSource({
    "target, target, 0",
    "tagret, target, 2",
    "Target, target, 0",
    "'', abc, 3",
    "abc, '', 3",
    "kitten, sitting, 3",
    "a, b, 1"
  })
  void theDistanceIsLevenshteinsWithoutCase(String one, String other, int distance) {
    assertThat(NearestWord.distance(one, other)).isEqualTo(distance);
    assertThat(NearestWord.distance(other, one)).isEqualTo(distance);
  }

  @Test
  void theNearestIsFoundWhateverItsCaseAndTheFirstAmongEquals() {
    assertThat(NearestWord.of("STAUS", List.of("stage", "status"))).contains("status");
    assertThat(NearestWord.of("bat", List.of("rat", "cat"))).contains("cat");
    assertThat(NearestWord.of("xyzzy", List.of("parse", "status"))).isEmpty();
  }
}
