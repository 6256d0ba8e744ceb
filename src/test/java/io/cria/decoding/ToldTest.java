package io.cria.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToldTest {
  private final List<String> heard = new ArrayList<>();

  private Told told(String... stops) {
    return new Told(
        more -> {
          heard.add(more);
          return !more.contains("halt");
        },
        List.of(stops));
  }

  @Test
  void eachCallTellsWhatIsNew() {
    Told told = told();
    assertThat(told.soFar("Al")).isTrue();
    assertThat(told.soFar("Al")).isTrue();
    assertThat(told.soFar("Alpaca")).isTrue();
    told.whole("Alpacas");
    assertThat(heard).containsExactly("Al", "", "paca", "s");
    assertThat(told.soFar("Alpacas halt")).isFalse();
  }

  @Test
  void aCharacterThatIsNotWholeIsHeldBack() {
    Told told = told();
    boolean unused = told.soFar("알\uFFFD\uFFFD") && told.soFar("알파");
    told.whole("알파");
    assertThat(String.join("", heard)).isEqualTo("알파");
    assertThat(heard.get(0)).isEqualTo("알");
  }

  @Test
  void whatMayBeginAStopTextIsHeldBackUntilItIsKnown() {
    Told told = told("\nUser:", "END");
    boolean unused = told.soFar("One\n") && told.soFar("One\nUs") && told.soFar("One\nUse it. E");
    assertThat(heard).containsExactly("One", "", "\nUse it. ");
    told.whole("One\nUse it. ");
    assertThat(String.join("", heard)).isEqualTo("One\nUse it. ");
  }
}
