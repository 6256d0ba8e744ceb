package io.cria.cli;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.IntFunction;

/**
 * A line on standard error that changes. A terminal has it drawn over and over, at most five times
 * a second; elsewhere it is written at most every ten seconds, so that a log stays short. Other
 * lines stand above it. Not thread-safe.
 */
final class LiveLine {
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
  private static final int NO_EDGE = Integer.MAX_VALUE;

  /** Back to the line's start, and blank from there. */
  private static final String CLEAR = "\r\u001b[K";

  private static final String NAME = "cria: ";

  private final PrintWriter err;
  private final boolean terminal;
  private final int columns;
  private final Clock clock;
  private boolean drawn;
  private Instant shown = Instant.EPOCH;

  /**
   * @param columns of the terminal; longer lines are cut, because a wrapped one cannot be drawn
   *     over
   */
  LiveLine(PrintWriter err, boolean terminal, int columns, Clock clock) {
    this.err = err;
    this.terminal = terminal;
    this.columns = columns;
    this.clock = clock;
  }

  /** As the launcher found standard error to be. */
  static LiveLine on(PrintWriter err, Clock clock) {
    return new LiveLine(err, Boolean.getBoolean("cria.terminal"), Terminal.width(), clock);
  }

  boolean isTerminal() {
    return terminal;
  }

  /**
   * Shows the line anew where it is time for that.
   *
   * @param text the line for so many columns
   */
  void refresh(IntFunction<String> text) {
    if (!clock.instant().isBefore(shown.plus(terminal ? REDRAW : LOG_INTERVAL))) {
      show(text);
    }
  }

  /** Shows it at once. */
  void show(IntFunction<String> text) {
    rest();
    if (terminal) {
      draw(text);
    } else {
      err.println(NAME + text.apply(NO_EDGE));
    }
  }

  /** Lets a whole interval pass before the line is shown the next time. */
  void rest() {
    shown = clock.instant();
  }

  /** On a terminal, draws it again below what was said; in a log, nothing. */
  void draw(IntFunction<String> text) {
    if (terminal) {
      int room = columns - 1 - NAME.length();
      String line = text.apply(room);
      err.print(CLEAR + NAME + line.substring(0, Math.min(line.length(), room)));
      err.flush();
      drawn = true;
    }
  }

  /** A line that stays, in place of the one that changes. */
  void say(String line) {
    clear();
    err.println(NAME + line);
  }

  /** Takes the line off a terminal. */
  void clear() {
    if (drawn) {
      err.print(CLEAR);
      err.flush();
      drawn = false;
    }
  }
}
