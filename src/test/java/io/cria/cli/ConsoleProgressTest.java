package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.run.Pace;
import io.cria.task.Amount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleProgressTest {
  private final StringWriter written = new StringWriter();
  private final HandClock clock = new HandClock();

  @Test
  void aLogGetsOneLineAtMostEveryTenSeconds() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("generate round 3", 400);
    for (int done = 1; done <= 100; done++) {
      clock.pass(Duration.ofMillis(250));
      progress.advance(done, null);
    }
    progress.end();
    assertThat(lines())
        .containsExactly(
            "cria: generate round 3, 400 to do",
            "cria: generate round 3  40/400  10 %  4.0/s  ETA 1 min 30 s",
            "cria: generate round 3  80/400  20 %  4.0/s  ETA 1 min 20 s",
            "cria: generate round 3  100/400  25 %  25 s");
  }

  @Test
  void aTerminalGetsOneLineDrawnOverAndOver() {
    ConsoleProgress progress = progress(true, 80);
    progress.begin("ask", 10);
    clock.pass(Duration.ofMillis(100));
    progress.advance(1, null);
    clock.pass(Duration.ofMillis(100));
    progress.advance(2, 0.25);
    assertThat(text())
        .isEqualTo(
            "\r"
                + "\u001b[Kcria: ask  0/10  0 %\r"
                + "\u001b[Kcria: ask  2/10  20 %  $0.2500  10.0/s  ETA 0 s");
  }

  @Test
  void aNoteStaysAboveTheLineThatIsDrawn() {
    ConsoleProgress progress = progress(true, 80);
    progress.begin("ask", 10);
    progress.note("round 0 is done");
    progress.end();
    assertThat(text())
        .isEqualTo(
            "\r\u001b[Kcria: ask  0/10  0 %"
                + "\r\u001b[Kcria: round 0 is done\n"
                + "\r\u001b[Kcria: ask  0/10  0 %"
                + "\r\u001b[Kcria: ask  0/10  0 %  0 s\n");
  }

  @Test
  void aLineIsCutAtTheTerminalsEdge() {
    progress(true, 20).begin("a piece of work with a long name", 10);
    assertThat(text()).isEqualTo("\r\u001b[K" + "cria: a piece of w…");
  }

  @Test
  void aStageIsCountedWhenItHasWork() {
    ConsoleProgress progress = progress(false, 80);
    progress.stage(1, 3, "generate");
    progress.stage(2, 3, "instances");
    progress.begin("instances round 0", 2);
    progress.end();
    progress.stage(3, 3, "dataset");
    progress.note("made anew");
    progress.end();
    assertThat(lines())
        .containsExactly(
            "cria: stage 2 of 3: instances",
            "cria: instances round 0, 2 to do",
            "cria: instances round 0  0/2  0 %  0 s",
            "cria: stage 3 of 3: dataset",
            "cria: made anew");
  }

  @Test
  void aTerminalShowsTheStageWhileItTells() {
    ConsoleProgress progress = progress(true, 80);
    progress.stage(1, 2, "generate");
    progress.end();
    assertThat(text()).isEqualTo("\r\u001b[Kcria: stage 1 of 2: generate\r\u001b[K");
  }

  @Test
  void aTerminalObeysNothingOfANote() {
    progress(false, 80).note("endpoint down: \u001b[2Jbusy");
    assertThat(lines()).containsExactly("cria: endpoint down: ␛[2Jbusy");
  }

  @Test
  void aLoneStageIsNotCounted() {
    ConsoleProgress progress = progress(false, 80);
    progress.stage(1, 1, "generate");
    progress.note("x");
    assertThat(lines()).containsExactly("cria: x");
  }

  @Test
  void aStopTellsWhatIsOnItsWayAndForHowLong() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("ask", 400);
    progress.pace(pace(0, ""));
    progress.stopping(Duration.ofMinutes(2), true);
    progress.end();
    progress.stopping(Duration.ofSeconds(6), false);
    assertThat(lines())
        .contains(
            "cria: stopping: 60 answers in flight, at most 120 s; Ctrl-C again leaves now",
            "cria: stopping: what is begun is finished first");
  }

  @Test
  void workWithoutAKnownTotalShowsWhatIsDone() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("read", -1);
    clock.pass(Duration.ofSeconds(10));
    progress.advance(50, null);
    progress.end();
    assertThat(lines())
        .containsExactly("cria: read", "cria: read  50  5.0/s", "cria: read  50  10 s");
  }

  @Test
  void anAdvanceAfterTheEndSaysNothing() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("read", 1);
    progress.end();
    String before = text();
    clock.pass(Duration.ofSeconds(20));
    progress.advance(1, null);
    assertThat(text()).isEqualTo(before);
  }

  @Test
  void theEtaFollowsTheRateOfTheLatestWork() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("ask", 100_000);
    for (int second = 1; second <= 300; second++) {
      clock.pass(Duration.ofSeconds(1));
      progress.advance(second * 10L, null);
    }
    for (int second = 1; second <= 180; second++) {
      clock.pass(Duration.ofSeconds(1));
      progress.advance(3000 + second * 100L, null);
    }
    // on average 43.8/s since the beginning, 100/s by now
    assertThat(lines().get(lines().size() - 1))
        .isEqualTo("cria: ask  21000/100000  21 %  99.4/s  ETA 13 min 14 s");
  }

  @Test
  void workThatStandsStillLosesItsRate() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("ask", 1000);
    clock.pass(Duration.ofSeconds(10));
    progress.advance(100, null);
    clock.pass(Duration.ofSeconds(60));
    progress.advance(100, null);
    assertThat(lines())
        .containsExactly(
            "cria: ask, 1000 to do",
            "cria: ask  100/1000  10 %  10.0/s  ETA 1 min 30 s",
            "cria: ask  100/1000  10 %  0.4/s  ETA 35 min 18 s");
  }

  /** A stage under way on an endpoint that allows 50 requests a second, with caps. */
  private static Pace pace(double refused, String waitingFor) {
    return new Pace(
        48.25,
        12_345.6,
        refused,
        60,
        64,
        50,
        new Amount(1234, 2_000_000, 1_234_000_000L),
        new Amount(60, 90_000, 400_000_000L),
        new Amount(Amount.NO_BOUND, Amount.NO_BOUND, 5_000_000_000L),
        waitingFor);
  }

  private String latest(int columns, Pace pace) {
    ConsoleProgress progress = progress(true, columns);
    progress.accepted(812, 1000);
    progress.begin("generate round 3", 4096);
    clock.pass(Duration.ofSeconds(10));
    progress.advance(400, 0.12);
    clock.pass(Duration.ofSeconds(1));
    progress.pace(pace);
    String all = text();
    return all.substring(all.lastIndexOf("\u001b[K") + 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | cria: generate round 3  400/4096  9 %  $1.23 of $5.00, +$0.40 reserved  48.3/s  ETA 1 min 32 s  812/1000 kept  3 % 429s  12.3k tokens/s  60/64 in flight  limit 50.0/s",
        "140 | cria: generate round 3  400/4096  9 %  $1.23 of $5.00, +$0.40 reserved  48.3/s  ETA 1 min 32 s  812/1000 kept  3 % 429s  12.3k tokens/s",
        "120 | cria: generate round 3  400/4096  9 %  $1.23 of $5.00  48.3/s  ETA 1 min 32 s  812/1000 kept  3 % 429s  12.3k tokens/s",
        "80 | cria: generate round 3  400/4096  $1.23 of $5.00  48.3/s  ETA 1 min 32 s",
        "60 | cria: generate round 3  400/4096  ETA 1 min 32 s",
        "40 | cria: generate round 3  400/4096",
        "24 | cria: generate round 3…"
      })
  void theLeastImportantIsLeftOutWhereALineIsShort(int columns, String line) {
    assertThat(latest(columns, pace(0.031, ""))).isEqualTo(line).hasSizeLessThan(columns);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "120 | cria: generate round 3  400/4096  $1.23 of $5.00  48.3/s  waiting for the endpoint, down since 12:03  812/1000 kept",
        "80 | cria: generate round 3  400/4096  waiting for the endpoint, down since 12:03",
        "60 | cria: generate round 3  400/4096  waiting for the endpoint…"
      })
  void anEndpointThatIsWaitedForHasNoEta(int columns, String line) {
    assertThat(latest(columns, pace(0, "the endpoint, down since 12:03"))).isEqualTo(line);
  }

  @Test
  void everyCapIsToldInItsOwnCurrency() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("classify", 10);
    clock.pass(Duration.ofSeconds(10));
    progress.advance(5, 0.0123);
    progress.pace(
        new Pace(
            0.5,
            0,
            0,
            1,
            8,
            Double.POSITIVE_INFINITY,
            new Amount(1234, 45_678, 12_300_000),
            new Amount(1, 700, 0),
            new Amount(20_000, 5_000_000, Amount.nanoUsd(new BigDecimal("0.5"))),
            ""));
    clock.pass(Duration.ofSeconds(10));
    progress.advance(6, 0.0123);
    progress.end();
    assertThat(lines())
        .contains(
            "cria: classify  6/10  60 %  1234 of 20.0k requests, +1 reserved  45.7k of 5.00M"
                + " tokens, +700 reserved  $0.0123 of $0.5000  0.5/s  ETA 14 s  1/8 in flight")
        .endsWith(
            "cria: classify  6/10  60 %  1234 of 20.0k requests, +1 reserved  45.7k of 5.00M"
                + " tokens, +700 reserved  $0.0123 of $0.5000  20 s");
  }

  @Test
  void whatIsPaidWithoutACapIsTheWorksOwn() {
    ConsoleProgress progress = progress(false, 80);
    progress.begin("ask", 10);
    progress.advance(5, 12.3456);
    progress.pace(
        new Pace(
            0,
            0,
            0,
            0,
            8,
            Double.POSITIVE_INFINITY,
            Amount.ZERO,
            Amount.ZERO,
            Amount.UNBOUNDED,
            ""));
    progress.end();
    assertThat(lines()).endsWith("cria: ask  5/10  50 %  $12.35  0 s");
  }

  @Test
  void timesAreTextForPeople() {
    assertThat(ConsoleProgress.seconds(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(ConsoleProgress.seconds(Duration.ofSeconds(200))).isEqualTo("3 min 20 s");
    assertThat(ConsoleProgress.seconds(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
  }

  private ConsoleProgress progress(boolean terminal, int columns) {
    return new ConsoleProgress(
        new LiveLine(new PrintWriter(written, true), terminal, columns, clock), clock);
  }

  private String text() {
    return written.toString().replace(System.lineSeparator(), "\n");
  }

  private java.util.List<String> lines() {
    return text().lines().toList();
  }

  /** Moves by hand. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
