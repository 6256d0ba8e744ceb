package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Ids;
import io.cria.task.SeededRandom;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContentCountsTest {
  @Test
  void countsAsAMapDoes() {
    SeededRandom random = new SeededRandom(3);
    ContentCounts counts = ContentCounts.empty();
    Map<String, Integer> map = new HashMap<>();
    for (int i = 0; i < 60_000; i++) {
      String key = Ids.sha256("content " + random.nextInt(20_000));

      assertThat(counts.add(key)).isEqualTo(map.merge(key, 1, Integer::sum) - 1);
    }
    assertThat(counts.size()).isEqualTo(map.size());
  }

  @Test
  void whatIsPutIsWhatWasCountedBefore() {
    String key = Ids.sha256("asked in an earlier invocation");
    ContentCounts counts = ContentCounts.empty();
    counts.put(key, 3);
    assertThat(counts.add(key)).isEqualTo(3);
    counts.put(key, 2);
    assertThat(counts.add(key)).isEqualTo(2);
    assertThat(counts.size()).isEqualTo(1);
  }

  @Test
  void keysThatBeginAlikeAreToldApart() {
    ContentCounts counts = ContentCounts.empty();
    String rest = "0".repeat(40);
    for (int i = 0; i < 1_000; i++) {
      assertThat(counts.add("abcdef0011223344" + String.format("%08x", i) + rest)).isZero();
    }
    assertThat(counts.size()).isEqualTo(1_000);
    assertThat(counts.add("0".repeat(64))).isZero();
    assertThat(counts.add("0".repeat(64))).isOne();
  }

  @Test
  void aKeyOfAnotherFormIsRefused() {
    ContentCounts counts = ContentCounts.empty();
    assertThatThrownBy(() -> counts.add("abc"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("content key \"abc\": 64 hexadecimal digits are wanted");
    assertThatThrownBy(() -> counts.add("x".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> counts.put("0".repeat(64), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }
}
