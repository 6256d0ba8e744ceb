package io.cria.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under which names a server of this machine alone is asked. */
class LoopbackTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:8080",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.8.9.1:99",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]:80",
        "[::ffff:127.0.0.1]"
      })
  void thisMachinesNames(String header) {
    assertThat(Loopback.isNamedBy(header, "127.0.0.1")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":80",
        "example.org",
        "example.org:8080",
        "localhost.example.org",
        "127.0.0.1.example.org:80",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]:80",
        "[::]",
        "[1:2]",
        "[127.0.0.1.example.org]"
      })
  void namesThatMayBeOthers(String header) {
    assertThat(Loopback.isNamedBy(header, "127.0.0.1")).isFalse();
  }

  @Test
  void theNameThatTheServerWasGivenIsItsOwn() {
    assertThat(Loopback.isNamedBy("alpaca:80", "Alpaca")).isTrue();
    assertThat(Loopback.isNamedBy("alpacas:80", "Alpaca")).isFalse();
  }
}
