package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tasks and driver say to each other, without either. */
class InquiryTest {
  private static final Part FIRST = new Part(3, 0);
  private static final Part SECOND = new Part(3, 1);

  private boolean asked;
  private long nanos;
  private Inquiry inquiry = opened(2, -1);

  private Inquiry opened(int slices, long cap) {
    return new Inquiry("test", slices, cap, () -> asked, "seen"::equals, slices, () -> nanos);
  }

  private static Map<?, ?> end(int slice, boolean failed, long unused) {
    return say(slice, 0, Inquiry.END, Map.of(Inquiry.FAILED, failed, Inquiry.UNUSED, unused));
  }

  @AfterEach
  void close() {
    inquiry.close();
  }

  private static Map<?, ?> say(int slice, int attempt, String kind, Map<String, Object> more) {
    Map<String, Object> message = new HashMap<>(more);
    message.put(Inquiry.KIND, kind);
    message.put(Inquiry.ID, "test");
    message.put(Inquiry.SLICE, slice);
    message.put(Inquiry.ATTEMPT, attempt);
    return (Map<?, ?>) Inquiry.receive(message);
  }

  private static Map<?, ?> hello(int slice, int attempt, String probe) {
    return say(slice, attempt, Inquiry.HELLO, Map.of(Inquiry.PROBE, probe));
  }

  private static Map<?, ?> beat(int slice, int attempt, long ended, long downSince) {
    return say(
        slice,
        attempt,
        Inquiry.BEAT,
        Map.of(
            Inquiry.ENDED,
            ended,
            Inquiry.SENT,
            ended + 1,
            Inquiry.USD,
            0.5,
            Inquiry.DOWN_SINCE,
            downSince,
            Inquiry.WORDS,
            "503"));
  }

  private static Map<?, ?> through(int slice, int attempt, Part part, String segment) {
    return say(
        slice,
        attempt,
        Inquiry.PART,
        Map.of(
            Inquiry.ROUND, part.round(),
            Inquiry.NUMBER, part.number(),
            Inquiry.SEGMENTS, List.of(segment),
            Inquiry.BYTES, List.of(7L)));
  }

  private static long lease(int slice, long want) {
    Map<?, ?> answer = say(slice, 0, Inquiry.LEASE, Map.of(Inquiry.WANT, want));
    return ((Number) Objects.requireNonNull(answer.get(Inquiry.GRANTED))).longValue();
  }

  @Test
  void aPartIsThroughWhenEverySliceHasReportedIt() throws InterruptedException {
    through(0, 0, SECOND, "a");
    through(0, 0, FIRST, "b");
    assertThat(inquiry.poll(0)).isNull();
    through(1, 0, FIRST, "c");
    assertThat(inquiry.poll(0)).isEqualTo(new Inquiry.Reported(FIRST, Map.of("b", 7L, "c", 7L)));
    through(1, 0, FIRST, "c");
    assertThat(inquiry.poll(0)).as("told once").isNull();
    through(1, 0, SECOND, "d");
    assertThat(inquiry.rest()).extracting(Inquiry.Reported::part).containsExactly(SECOND);
  }

  @Test
  void aSupersededAttemptIsToldToStopAndNotHeard() {
    hello(0, 0, "");
    through(0, 0, FIRST, "a");
    Map<?, ?> next = hello(0, 1, "");
    assertThat(Inquiry.unpacked(next.get(Inquiry.DONE))).containsExactly(FIRST);
    assertThat(beat(0, 0, 5, -1).get(Inquiry.STOP)).isEqualTo(Inquiry.SUPERSEDED);
    assertThat(inquiry.state().ended()).isZero();
    assertThat(beat(0, 1, 2, -1).get(Inquiry.STOP)).isEqualTo("");
    assertThat(inquiry.state().ended()).isEqualTo(2);
    assertThat(beat(0, 2, 1, -1).get(Inquiry.STOP)).isEqualTo("");
    assertThat(inquiry.state().ended()).as("what the lost attempt did counts").isEqualTo(3);
  }

  @Test
  void whoComesAfterTheEndIsToldToStop() {
    inquiry.close();
    assertThat(hello(0, 0, "").get(Inquiry.STOP)).isEqualTo(Inquiry.SUPERSEDED);
  }

  @Test
  void aWishToStopReachesEveryTask() {
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo("");
    asked = true;
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo(Inquiry.REQUESTED);
    asked = false;
    inquiry.stop();
    assertThat(beat(0, 0, 0, -1).get(Inquiry.STOP)).isEqualTo(Inquiry.REQUESTED);
  }

  @Test
  void theDriverSaysWhetherItSeesWhatATaskWrote() {
    assertThat(hello(0, 0, "seen").get(Inquiry.VISIBLE)).isEqualTo(true);
    assertThat(hello(0, 0, "other").get(Inquiry.VISIBLE)).isEqualTo(false);
    assertThat(hello(0, 0, "").get(Inquiry.VISIBLE)).as("nothing to see").isEqualTo(true);
  }

  @Test
  void anOutageIsThatWhichBeganFirst() {
    beat(0, 0, 1, 2000);
    beat(1, 0, 1, 1000);
    assertThat(inquiry.state()).isEqualTo(new Inquiry.State(2, 4, 1.0, 1000, "503"));
    beat(0, 0, 1, -1);
    beat(1, 0, 1, -1);
    assertThat(inquiry.state().downSince()).isEqualTo(-1);
  }

  @Test
  void leasesAreSmallNearTheCapAndNeverMoreThanIt() {
    assertThat(lease(0, 64)).as("without a cap").isEqualTo(64);
    for (long cap : new long[] {0, 1, 3, 11, 1000}) {
      inquiry.close();
      inquiry = opened(2, cap);
      long granted = 0;
      long largest = 0;
      for (long one = lease(0, 64); one > 0; one = lease(1, 64)) {
        granted += one;
        largest = Math.max(largest, one);
      }
      assertThat(granted).isEqualTo(cap);
      assertThat(largest).isLessThanOrEqualTo(Math.max(1, cap / 8));
    }
  }

  @Test
  void nobodyAsksBeforeAllHaveProvedThatTheySeeTheRun() {
    assertThat(hello(0, 0, "seen").get(Inquiry.BEGIN)).isEqualTo(false);
    assertThat(beat(0, 0, 0, -1).get(Inquiry.BEGIN)).isEqualTo(false);
    assertThat(hello(1, 0, "seen").get(Inquiry.BEGIN)).isEqualTo(true);
    assertThat(beat(0, 0, 0, -1).get(Inquiry.BEGIN)).isEqualTo(true);
  }

  @Test
  void aHostThatDoesNotComeIsWaitedForOnlySoLong() {
    hello(0, 0, "seen");
    nanos = Inquiry.PATIENCE.toNanos();
    assertThat(beat(0, 0, 0, -1).get(Inquiry.BEGIN)).isEqualTo(false);
    nanos++;
    assertThat(beat(0, 0, 0, -1).get(Inquiry.BEGIN)).isEqualTo(true);
  }

  @Test
  void aTaskWhoseProbeTheDriverDoesNotSeeEndsTheOthersBeforeTheyAsk() {
    hello(0, 0, "seen");
    assertThat(hello(1, 0, "elsewhere").get(Inquiry.VISIBLE)).isEqualTo(false);
    Map<?, ?> answer = beat(0, 0, 0, -1);
    assertThat(answer.get(Inquiry.BEGIN)).isEqualTo(false);
    assertThat(answer.get(Inquiry.STOP)).isEqualTo(Inquiry.REQUESTED);
  }

  @Test
  void aTaskThatFailsEndsTheOthersAndOneThatEndsWellDoesNot() {
    end(0, false, 0);
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo("");
    end(0, true, 0);
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo(Inquiry.REQUESTED);
  }

  @Test
  void whatATaskLeasedAndDidNotSendIsOthersToSend() {
    inquiry.close();
    inquiry = opened(2, 8);
    long first = lease(0, 64);
    long all = first;
    for (long more = lease(1, 64); more > 0; more = lease(1, 64)) {
      all += more;
    }
    assertThat(all).isEqualTo(8);
    end(0, false, first);
    assertThat(lease(1, 64)).isEqualTo(first);
    assertThat(lease(1, 64)).isZero();
  }

  @Test
  void whatWasWrittenOfAPartThatIsNotThroughIsToldToo() {
    say(
        1,
        0,
        Inquiry.WROTE,
        Map.of(
            Inquiry.ROUND,
            3,
            Inquiry.NUMBER,
            1,
            Inquiry.SEGMENTS,
            List.of("x"),
            Inquiry.BYTES,
            List.of(9L)));
    assertThat(inquiry.written()).containsExactly(new Inquiry.Reported(SECOND, Map.of("x", 9L)));
    assertThat(inquiry.rest()).isEmpty();
  }
}
