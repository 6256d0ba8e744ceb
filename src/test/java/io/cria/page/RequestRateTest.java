package io.cria.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.HandClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestRateTest {
  @Test
  void eachClientHasItsOwnAllowanceAndGetsItBackEvenly() {
    HandClock clock = new HandClock();
    RequestRate rate = new RequestRate(2, clock);
    rate.require("a");
    rate.require("a");
    refused(rate, "a", 30);
    rate.require("b");
    clock.advance(Duration.ofSeconds(29));
    refused(rate, "a", 1);
    clock.advance(Duration.ofSeconds(1));
    rate.require("a");
    refused(rate, "a", 30);
    clock.advance(Duration.ofHours(1));
    rate.require("a");
    rate.require("a");
    refused(rate, "a", 30);
  }

  private static void refused(RequestRate rate, String client, int seconds) {
    assertThatThrownBy(() -> rate.require(client))
        .isInstanceOfSatisfying(
            PageException.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(429);
              assertThat(refusal.retryAfterSeconds()).isEqualTo(seconds);
            });
  }
}
