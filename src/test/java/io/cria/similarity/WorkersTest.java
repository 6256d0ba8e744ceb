package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class WorkersTest {
  @AfterEach
  void forgetTheInterrupt() {
    Thread.interrupted();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everyIndexIsDoneOnce(int threads) {
    for (int count : new int[] {0, 1, 64, 65, 1_000}) {
      AtomicIntegerArray done = new AtomicIntegerArray(count + 1);
      Workers.forRange(
          threads,
          0,
          count,
          () ->
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  done.incrementAndGet(i);
                }
              });
      for (int i = 0; i < count; i++) {
        assertThat(done.get(i)).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anInterruptEndsTheWorkWithTheBlockItIsAt(int threads) {
    Thread caller = Thread.currentThread();
    AtomicInteger blocks = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Workers.forRange(
                    threads,
                    0,
                    1_000_000,
                    () ->
                        (from, to) -> {
                          if (blocks.incrementAndGet() == 5) {
                            caller.interrupt();
                          }
                        }))
        .isInstanceOf(CancellationException.class);
    assertThat(blocks.get()).isLessThan(1_000);
    assertThat(caller.isInterrupted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatABodyThrowsIsThrown(int threads) {
    assertThatThrownBy(
            () ->
                Workers.forRange(
                    threads,
                    0,
                    1_000,
                    () ->
                        (from, to) -> {
                          throw new IllegalArgumentException("block " + from);
                        }))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSelectionEndsWhenInterrupted() {
    PoolIndex index = new PoolIndex(EngineOptions.published());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> index.select(List.of("write a story", "write a poem")))
        .isInstanceOf(CancellationException.class);
  }
}
