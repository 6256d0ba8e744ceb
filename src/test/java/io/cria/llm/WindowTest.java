package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.testing.FaultCase;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final long SECOND = 1_000_000_000L;

  private final Window window = Window.of(100);

  private void succeed(int times) {
    for (int i = 0; i < times; i++) {
      window.succeeded();
    }
  }

  @Test
  void aCutThatNonePrecededIsSoonMadeGoodNearlyWholly() {
    window.overloaded(100 * SECOND);
    assertThat(window.size()).isEqualTo(70);
    succeed(20);
    assertThat(window.size()).isEqualTo(90);
    succeed(91);
    assertThat(window.size()).isEqualTo(91);
  }

  @Test
  void cutsThatFollowOneAnotherAreNot() {
    window.overloaded(100 * SECOND);
    window.overloaded(102 * SECOND);
    assertThat(window.size()).isEqualTo(49);
    succeed(49);
    assertThat(window.size()).isEqualTo(50);
  }

  @FaultCase(2)
  @Test
  void anEpisodeCutsOnce() {
    window.overloaded(100 * SECOND);
    window.overloaded(100 * SECOND + SECOND / 2);
    assertThat(window.size()).isEqualTo(70);
  }

  @Test
  void itNeverGrowsBeyondItsMost() {
    succeed(1_000);
    assertThat(window.size()).isEqualTo(100);
    window.overloaded(100 * SECOND);
    succeed(10_000);
    assertThat(window.size()).isEqualTo(100);
  }

  @Test
  void oneIsAlwaysLeft() {
    for (int i = 0; i < 100; i++) {
      window.overloaded(2L * i * SECOND);
    }
    assertThat(window.size()).isEqualTo(1);
    assertThat(window.tryAcquire()).isTrue();
    assertThat(window.tryAcquire()).isFalse();
  }

  @Test
  void thoseInFlightGoOnAfterACut() {
    for (int i = 0; i < 100; i++) {
      assertThat(window.tryAcquire()).isTrue();
    }
    window.overloaded(100 * SECOND);
    assertThat(window.inFlight()).isEqualTo(100);
    for (int i = 0; i < 30; i++) {
      window.release();
      assertThat(window.tryAcquire()).isFalse();
    }
    window.release();
    assertThat(window.tryAcquire()).isTrue();
  }

  @Test
  void aWindowMadeSmallerIsSmallerAtOnceAndOneMadeLargerKeepsACut() {
    window.resize(50);
    assertThat(window.size()).isEqualTo(50);
    window.overloaded(100 * SECOND);
    window.resize(200);
    assertThat(window.size()).isEqualTo(35);
    assertThatThrownBy(() -> window.resize(0)).hasMessageContaining("at least 1 request, not 0");
  }
}
