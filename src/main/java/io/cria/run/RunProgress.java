package io.cria.run;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What long work tells the person who waits. Called from the driver only; implementations must not
 * fail.
 */
public interface RunProgress {
  /**
   * A stage has its turn; the next piece of work, or the next line, is its own.
   *
   * @param number of it among those of this command, from 1
   * @param of how many there are
   */
  default void stage(int number, int of, String name) {}

  /**
   * Begins a piece of work.
   *
   * @param what for example {@code "generate round 3"}
   * @param total units of it; -1 when not known
   */
  void begin(String what, long total);

  /**
   * @param done units done so far
   * @param usd spent on this piece so far; null when no price is known
   */
  void advance(long done, @Nullable Double usd);

  /**
   * How many instructions the run has accepted, whenever that becomes known.
   *
   * @param kept over all committed rounds
   * @param target wanted
   */
  default void accepted(long kept, long target) {}

  /** How asking goes, some times a second while it does. */
  default void pace(Pace pace) {}

  /** A few words on the piece, until the next ones. */
  default void detail(String words) {}

  /** Ends the piece. */
  void end();

  /**
   * Somebody asked the work to stop. Called from any thread.
   *
   * @param atMost how long what is on its way is waited for
   * @param again whether to ask again leaves it at once
   */
  default void stopping(Duration atMost, boolean again) {}

  /** One line that stays. */
  void note(String line);

  /** Tells nobody. */
  static RunProgress silent() {
    return new RunProgress() {
      @Override
      public void begin(String what, long total) {}

      @Override
      public void advance(long done, @Nullable Double usd) {}

      @Override
      public void end() {}

      @Override
      public void note(String line) {}
    };
  }
}
