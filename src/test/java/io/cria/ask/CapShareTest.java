package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.RequestCap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CapShareTest {
  @Test
  void sharesSumUpToWhatRemains() {
    for (long remaining : new long[] {0, 1, 6, 7, 8, 1000}) {
      AskPartition.Share share = new AskPartition.Share("job", 7, remaining);
      long sum = IntStream.range(0, 7).mapToLong(partition -> taken(share.cap(partition, 0))).sum();
      assertThat(sum).isEqualTo(remaining);
    }
  }

  @Test
  void aTaskTriedAgainHasOnlyWhatItsEarlierAttemptsLeft() {
    AskPartition.Share share = new AskPartition.Share("job", 2, 11);
    assertThat(taken(share.cap(0, 4))).isEqualTo(2);
    assertThat(taken(share.cap(1, 5))).isZero();
    assertThat(taken(share.cap(1, 9))).isZero();
  }

  @Test
  void segmentsOfPartitionsAreToldApart() {
    AskPartition.Share share = new AskPartition.Share("job", 40, -1);
    assertThat("segment-" + share.writer(33) + "-")
        .doesNotStartWith("segment-" + share.writer(3) + "-");
  }

  private static long taken(RequestCap cap) {
    long taken = 0;
    while (taken < 2_000 && cap.tryAcquire()) {
      taken++;
    }
    return taken;
  }
}
