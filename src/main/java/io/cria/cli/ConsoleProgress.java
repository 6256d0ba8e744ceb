package io.cria.cli;

import io.cria.run.RunProgress;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * RunProgress on standard error. On a terminal one line is drawn over and over, at most five times
 * a second; elsewhere a line is written at most every ten seconds, so that a log stays short. Notes
 * keep their own lines. Thread-safe.
 *
 * <pre>{@code
 * generate round 3  140/400  35 %  12.5/s  ETA 21 s  $0.0312
 * }</pre>
 */
final class ConsoleProgress implements RunProgress {
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  /** Back to the line's start, and blank from there. */
  private static final String CLEAR = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final int columns;
  private final Clock clock;

  private String what = "";
  private long total;
  private long done;
  private @Nullable Double usd;
  private boolean active;
  private boolean drawn;
  private Instant began = Instant.EPOCH;
  private Instant shown = Instant.EPOCH;

  /**
   * @param columns of the terminal; longer lines are cut, because a wrapped one cannot be drawn
   *     over
   */
  ConsoleProgress(PrintWriter err, boolean terminal, int columns, Clock clock) {
    this.err = err;
    this.terminal = terminal;
    this.columns = columns;
    this.clock = clock;
  }

  /** As the launcher found standard error to be. */
  static ConsoleProgress on(PrintWriter err) {
    return new ConsoleProgress(
        err,
        Boolean.getBoolean("cria.terminal"),
        Math.max(20, Integer.getInteger("cria.columns", 80)),
        Clock.systemUTC());
  }

  @Override
  public synchronized void begin(String work, long units) {
    finish();
    what = work;
    total = units;
    done = 0;
    usd = null;
    active = true;
    began = clock.instant();
    shown = began;
    if (terminal) {
      draw();
    } else {
      err.println("cria: " + what + (total >= 0 ? ", " + total + " to do" : ""));
    }
  }

  @Override
  public synchronized void advance(long units, @Nullable Double dollars) {
    if (!active) {
      return;
    }
    done = units;
    usd = dollars;
    if (!clock.instant().isBefore(shown.plus(terminal ? REDRAW : LOG_INTERVAL))) {
      show();
    }
  }

  @Override
  public synchronized void end() {
    finish();
  }

  @Override
  public synchronized void note(String line) {
    clear();
    err.println("cria: " + line);
    if (terminal && active) {
      draw();
    }
  }

  private void finish() {
    if (active) {
      clear();
      err.println("cria: " + state() + "  " + seconds(elapsed()));
      active = false;
    }
  }

  private void show() {
    shown = clock.instant();
    if (terminal) {
      draw();
    } else {
      err.println("cria: " + state() + pace());
    }
  }

  private void draw() {
    String line = "cria: " + state() + pace();
    err.print(CLEAR + line.substring(0, Math.min(line.length(), columns - 1)));
    err.flush();
    drawn = true;
  }

  private void clear() {
    if (drawn) {
      err.print(CLEAR);
      drawn = false;
    }
  }

  private String state() {
    StringBuilder text = new StringBuilder(what).append("  ").append(done);
    if (total >= 0) {
      text.append('/').append(total);
    }
    if (total > 0) {
      text.append(String.format(Locale.ROOT, "  %d %%", 100 * done / total));
    }
    if (usd != null && usd > 0) {
      text.append(String.format(Locale.ROOT, "  $%.4f", usd));
    }
    return text.toString();
  }

  private String pace() {
    double elapsed = elapsed().toMillis() / 1000.0;
    if (done == 0 || elapsed <= 0) {
      return "";
    }
    double rate = done / elapsed;
    String text = String.format(Locale.ROOT, "  %.1f/s", rate);
    return total > done
        ? text + "  ETA " + seconds(Duration.ofMillis((long) (1000 * (total - done) / rate)))
        : text;
  }

  private Duration elapsed() {
    return Duration.between(began, clock.instant());
  }

  /** For example {@code 9 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
  static String seconds(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? seconds / 60 + " min " + seconds % 60 + " s"
        : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
