package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

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
    assertThat(text()).isEqualTo("\r\u001b[K" + "cria: a piece of wo");
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
  void timesAreTextForPeople() {
    assertThat(ConsoleProgress.seconds(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(ConsoleProgress.seconds(Duration.ofSeconds(200))).isEqualTo("3 min 20 s");
    assertThat(ConsoleProgress.seconds(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
  }

  private ConsoleProgress progress(boolean terminal, int columns) {
    return new ConsoleProgress(new PrintWriter(written, true), terminal, columns, clock);
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
