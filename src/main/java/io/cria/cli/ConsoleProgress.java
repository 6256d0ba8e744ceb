package io.cria.cli;

import io.cria.run.Pace;
import io.cria.run.RunProgress;
import io.cria.task.Counted;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * RunProgress on standard error: one {@link ProgressLine} for the work at hand, as {@link LiveLine}
 * shows lines. Notes keep their own lines. Thread-safe.
 *
 * <pre>{@code
 * generate round 3  140/400  35 %  $0.0312  12.5/s  ETA 21 s
 * }</pre>
 */
final class ConsoleProgress implements RunProgress {
  private final LiveLine line;
  private final Clock clock;

  private String what = "";
  private long total;
  private long done;
  private @Nullable Double usd;
  private @Nullable Pace pace;
  private String detail = "";
  private String stage = "";
  private long kept = -1;
  private long target;
  private boolean active;
  private Instant began = Instant.EPOCH;
  private Rate rate = new Rate(Instant.EPOCH);

  ConsoleProgress(LiveLine line, Clock clock) {
    this.line = line;
    this.clock = clock;
  }

  /** As the launcher found standard error to be. */
  static ConsoleProgress on(PrintWriter err) {
    Clock clock = Clock.systemUTC();
    return new ConsoleProgress(LiveLine.on(err, clock), clock);
  }

  @Override
  public synchronized void stage(int number, int of, String name) {
    finish();
    stage = of > 1 ? "stage " + number + " of " + of + ": " + name : "";
    if (!stage.isEmpty()) {
      line.draw(columns -> stage);
    }
  }

  /** A stage that finds nothing to do is not told of. */
  private void tellStage() {
    if (!stage.isEmpty()) {
      line.say(stage);
      stage = "";
    }
  }

  @Override
  public synchronized void begin(String work, long units) {
    finish();
    tellStage();
    what = work;
    total = units;
    done = 0;
    usd = null;
    pace = null;
    detail = "";
    active = true;
    began = clock.instant();
    rate = new Rate(began);
    line.rest();
    if (line.isTerminal()) {
      line.draw(this::now);
    } else {
      line.say(what + (total >= 0 ? ", " + total + " to do" : ""));
    }
  }

  @Override
  public synchronized void advance(long units, @Nullable Double dollars) {
    if (active) {
      done = units;
      usd = dollars;
      rate.reach(units, clock.instant());
      line.refresh(this::now);
    }
  }

  @Override
  public synchronized void accepted(long instructions, long wanted) {
    kept = instructions;
    target = wanted;
  }

  @Override
  public synchronized void pace(Pace latest) {
    if (active) {
      pace = latest;
      line.refresh(this::now);
    }
  }

  @Override
  public synchronized void detail(String words) {
    if (active) {
      detail = Visible.of(words);
      line.refresh(this::now);
    }
  }

  @Override
  public synchronized void end() {
    finish();
    stage = "";
    line.clear();
  }

  @Override
  public synchronized void stopping(Duration atMost, boolean again) {
    long flying = active && pace != null ? pace.inFlight() : 0;
    String what =
        flying > 0
            ? Counted.of(flying, "answer") + " in flight, at most " + atMost.toSeconds() + " s"
            : "what is begun is finished first";
    note("stopping: " + what + (again ? "; Ctrl-C again leaves now" : ""));
  }

  @Override
  public synchronized void note(String words) {
    tellStage();
    line.say(Visible.of(PlainPaths.in(words)));
    if (active) {
      line.draw(this::now);
    }
  }

  private void finish() {
    if (active) {
      line.say(
          new ProgressLine(what, done, total)
              .paid(usd, pace)
              .detail(detail)
              .took(Duration.between(began, clock.instant()))
              .text(Integer.MAX_VALUE));
      active = false;
    }
  }

  private String now(int columns) {
    Pace latest = pace;
    ProgressLine text = new ProgressLine(what, done, total).paid(usd, latest);
    text.detail(detail);
    text.going(rate.perSecond(), Math.max(0, total - done), latest);
    if (kept >= 0) {
      text.kept(kept, target);
    }
    return (latest == null ? text : text.asking(latest)).text(columns);
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
