package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class HangUpsTest {
  /** No server listens there, so that connections are not looked at. */
  private static final int NOWHERE = 0;

  private final AtomicLong now = new AtomicLong();

  private boolean isInterruptedAfter(HangUps hangUps, int seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    hangUps.look();
    return Thread.interrupted();
  }

  @Test
  void aWriteThatNobodyTakesIsInterruptedOnceAndALongWorkIsNot() {
    try (HangUps hangUps = new HangUps(NOWHERE, now::get)) {
      HangUps.Work work = hangUps.begin(1);
      assertThat(isInterruptedAfter(hangUps, 1000)).isFalse();
      work.beginWrite();
      assertThat(isInterruptedAfter(hangUps, 30)).isFalse();
      work.endWrite();
      work.beginWrite();
      assertThat(isInterruptedAfter(hangUps, 20)).as("another write").isFalse();
      assertThat(isInterruptedAfter(hangUps, 11)).isTrue();
      assertThat(isInterruptedAfter(hangUps, 11)).isFalse();
    }
  }

  @Test
  void aLookThatFailsIsNotTheLast() throws InterruptedException {
    AtomicLong looks = new AtomicLong();
    CountDownLatch third = new CountDownLatch(1);
    LongSupplier failing =
        () -> {
          long look = looks.incrementAndGet();
          if (look == 1) {
            throw new OutOfMemoryError("scripted");
          }
          if (look == 2) {
            throw new IllegalStateException("scripted");
          }
          third.countDown();
          return 0;
        };
    try (HangUps hangUps = new HangUps(NOWHERE, failing)) {
      hangUps.lookEvery(1);
      assertThat(third.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
