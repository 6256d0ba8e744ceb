package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  @Test
  void membersAreSortedAndNothingIsSpaced() {
    Map<String, @Nullable Object> map = new HashMap<>();
    map.put("b", List.of(1, 2L, true));
    map.put("a", null);
    map.put("é", Map.of());
    map.put("B", List.of());
    assertThat(CanonicalJson.text(map))
        .isEqualTo("{\"B\":[],\"a\":null,\"b\":[1,2,true],\"é\":{}}");
  }

  @Test
  void onlyQuotesBackslashControlsAndLoneSurrogatesAreEscaped() {
    assertThat(CanonicalJson.text("\"\\/\b\t\n\f\r\u0001\u001f\u007f\u2028한😀"))
        .isEqualTo("\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\u007f\u2028한😀\"");
    assertThat(CanonicalJson.text("a\ud83d!\ude00")).isEqualTo("\"a\\ud83d!\\ude00\"");
  }

  @Test
  void numbersAreTheShortestPlainDecimals() {
    List<Double> values =
        Arrays.asList(0.0, -0.0, 1.0, 0.7, 0.1, -2.5, 100.0, 1e-3, 2e-3, 1e-6, 1.1e20, 2.0E-3);
    assertThat(CanonicalJson.text(values))
        .isEqualTo("[0,0,1,0.7,0.1,-2.5,100,0.001,0.002,0.000001,110000000000000000000,0.002]");
    // One of those to which Double.toString gives more digits than needed before Java 19.
    assertThat(CanonicalJson.number(Double.parseDouble("2e23")))
        .isEqualTo("200000000000000000000000");
  }

  @Test
  void everyNumberReadsBackAsItself() {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertThat(Double.parseDouble(CanonicalJson.number(value))).isEqualTo(value);
      }
      double short3 = random.nextInt(100_000) / 1000.0;
      assertThat(CanonicalJson.number(short3).length()).isLessThanOrEqualTo(6);
    }
  }

  @Test
  void theQuickWayToANumberGivesTheSearchedDigits() {
    Random random = new Random(6);
    for (int i = 0; i < 20_000; i++) {
      double price = random.nextInt(1_000_000) * 1e-6 * random.nextInt(5_000) / 1e6;
      double any = random.nextDouble() * Math.pow(10, random.nextInt(40) - 20);
      for (double value : new double[] {price, -price, any, (float) any, Math.rint(any)}) {
        if (value != 0) {
          assertThat(CanonicalJson.number(value)).isEqualTo(CanonicalJson.searched(value));
        }
      }
    }
  }

  @Test
  void stringsOfEveryKindReadBackAsTheyWere() throws IOException {
    Random random = new Random(7);
    String alphabet = "ab?\"\\\n\t\u0001\u007fé한\ud83d\ude00";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(12); c > 0; c--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String json = CanonicalJson.text(text.toString());
      assertThat(new ObjectMapper().readTree(json).textValue()).isEqualTo(text.toString());
    }
  }

  @Test
  void whatIsNotJsonIsRefused() {
    assertThatThrownBy(() -> CanonicalJson.text(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> CanonicalJson.text(new Object()))
        .hasMessageContaining("java.lang.Object");
  }
}
