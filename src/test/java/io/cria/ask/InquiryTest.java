package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.limit.BudgetBook;
import io.cria.llm.limit.Claim;
import io.cria.llm.limit.Observed;
import io.cria.llm.limit.RateBook;
import io.cria.run.StopAsked;
import io.cria.task.Amount;
import io.cria.task.Part;
import io.cria.testing.FaultCase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tasks and driver say to each other, without either. */
class InquiryTest {
  private static final Part FIRST = new Part(3, 0);
  private static final Part SECOND = new Part(3, 1);

  private static final double INFINITE = Double.POSITIVE_INFINITY;

  private boolean asked;
  private @Nullable Duration left;
  private long nanos;
  private Inquiry inquiry = opened(2, null);

  private Inquiry opened(int slices, @Nullable BudgetBook budget) {
    SharedLimits limits = new SharedLimits(new RateBook(), budget, () -> nanos);
    StopAsked stop =
        new StopAsked() {
          @Override
          public boolean getAsBoolean() {
            return asked;
          }

          @Override
          public @Nullable Duration left() {
            return left;
          }
        };
    return new Inquiry("test", slices, limits, stop, "seen"::equals, slices, () -> nanos);
  }

  @Test
  void tasksLearnHowLongTheirDriverHasStillToLive() {
    assertThat(beat(0, 0, 1, -1).containsKey(Inquiry.LEFT)).isFalse();
    asked = true;
    assertThat(beat(0, 0, 1, -1).containsKey(Inquiry.LEFT)).as("no kill is near").isFalse();
    left = Duration.ofMillis(4_200);
    assertThat(beat(0, 0, 1, -1).get(Inquiry.LEFT)).isEqualTo(4_200L);
    assertThat(beat(1, 0, 1, -1).get(Inquiry.LEFT)).isEqualTo(4_200L);
  }

  private static Map<?, ?> end(int slice, boolean failed) {
    return say(slice, 0, Inquiry.END, Map.of(Inquiry.FAILED, failed));
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
  @FaultCase(24)
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
  void aTaskIsLeasedItsShareOfTheLimitsAndOfTheCaps() {
    inquiry.close();
    Amount cap = new Amount(8, Amount.NO_BOUND, Amount.NO_BOUND);
    inquiry = opened(1, new BudgetBook(cap, Amount.ZERO, outstanding -> {}));
    Amount one = new Amount(1, 10, 0);
    Claim claim = new Claim(one, one, Amount.ZERO, Amount.ZERO, Amount.ZERO);
    Map<?, ?> answer =
        say(
            0,
            0,
            Inquiry.HELLO,
            Map.of(
                Inquiry.PROBE,
                "",
                Inquiry.CLAIM,
                claim.toLongs(),
                Inquiry.OBSERVED,
                new Observed(0, 0, 0, 0, 0, 0, 4, INFINITE, INFINITE, 0, 0, 0).toDoubles()));
    assertThat((double[]) answer.get(Inquiry.LEASED)).startsWith(4.0);
    assertThat((long[]) answer.get(Inquiry.GRANTED))
        .containsExactly(1, Amount.NO_BOUND, Amount.NO_BOUND);
    assertThat(answer.get(Inquiry.SCARCE)).isEqualTo(false);
  }

  @Test
  void whenTheCapIsReachedEveryTaskLearnsIt() {
    inquiry.close();
    Amount cap = new Amount(0, Amount.NO_BOUND, Amount.NO_BOUND);
    inquiry = opened(1, new BudgetBook(cap, Amount.ZERO, outstanding -> {}));
    Amount one = new Amount(1, 10, 0);
    Claim claim = new Claim(one, one, Amount.ZERO, Amount.ZERO, Amount.ZERO);
    Map<?, ?> answer =
        say(0, 0, Inquiry.HELLO, Map.of(Inquiry.PROBE, "", Inquiry.CLAIM, claim.toLongs()));
    assertThat(answer.get(Inquiry.STOP)).isEqualTo(Inquiry.CAP);
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
    end(0, false);
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo("");
    end(0, true);
    assertThat(beat(1, 0, 0, -1).get(Inquiry.STOP)).isEqualTo(Inquiry.REQUESTED);
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
