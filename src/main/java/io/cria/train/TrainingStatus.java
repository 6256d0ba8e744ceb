package io.cria.train;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code RUN/training/NAME/status.json}: how the last invocation goes, or ended.
 *
 * @param state {@code running, done, stopped, failed}
 * @param exitCode of the command; -1 while it runs
 * @param reason why it did not end well; empty otherwise
 * @param ranks how many train, or trained; 0 before that is known
 * @param attempt how often the ranks were started, from 1; 0 before that
 * @param step steps done
 * @param totalSteps of the whole training; 0 before that is known
 * @param loss of the last step; null before there is one
 * @param evaluationLoss the latest; null without one
 * @param tokensPerSecond of the last step
 * @param etaSeconds until the last step, at the pace so far; null where there is none
 * @param updatedAt when this was written
 * @param invocation what the invocation was called by whoever submitted it; empty without a name
 */
public record TrainingStatus(
    String state,
    int exitCode,
    String reason,
    int ranks,
    int attempt,
    int step,
    int totalSteps,
    @Nullable Double loss,
    @Nullable Double evaluationLoss,
    double tokensPerSecond,
    @Nullable Long etaSeconds,
    String updatedAt,
    String invocation) {
  public static final String FILE = "status.json";
  static final String RUNNING = "running";

  /**
   * Reads it; empty where no training was begun.
   *
   * @param directory the training's
   * @throws CriaException when it is damaged
   */
  public static Optional<TrainingStatus> read(RunDirectory directory) {
    return directory
        .text(FILE)
        .map(
            text -> {
              try {
                return Json.read(text, TrainingStatus.class);
              } catch (IllegalArgumentException e) {
                throw new CriaException(
                    ExitCode.RUN_REFUSED,
                    directory.path(FILE)
                        + ": damaged ("
                        + e.getMessage()
                        + "): remove it; the next command writes it anew",
                    e);
              }
            });
  }

  /**
   * A status and whether to believe it.
   *
   * @param dead whether it says that a driver is at work, and none is: that one was killed
   */
  public record Seen(@JsonUnwrapped TrainingStatus status, boolean dead) {}

  /** What status.json says, held against the lock; empty where no training was begun. */
  public static Optional<Seen> look(RunDirectory directory) {
    Optional<TrainingStatus> before = read(directory);
    if (before.isEmpty() || !before.get().isRunning() || isHeld(directory)) {
      return before.map(status -> new Seen(status, false));
    }
    // a driver that ended between the two looks has said so before it gave the training back
    return read(directory).map(now -> new Seen(now, now.isRunning() && !isHeld(directory)));
  }

  private static boolean isHeld(RunDirectory directory) {
    return RunLock.holder(directory).filter(RunLock.Holder::isAlive).isPresent();
  }

  private boolean isRunning() {
    return state.equals(RUNNING);
  }

  /** How a training stands, in a line. */
  public static String line(RunDirectory directory) {
    return look(directory).map(seen -> seen.status().line(seen.dead())).orElse("not started");
  }

  private String line(boolean dead) {
    StringBuilder line = new StringBuilder();
    line.append(dead ? "ended without a word, while it was running" : state);
    if (exitCode >= 0) {
      line.append(", exit code ").append(exitCode);
    }
    if (totalSteps > 0) {
      line.append(", step ").append(step).append('/').append(totalSteps);
    }
    if (loss != null) {
      line.append(String.format(Locale.ROOT, ", loss %.4f", loss));
    }
    if (evaluationLoss != null) {
      line.append(String.format(Locale.ROOT, ", evaluation loss %.4f", evaluationLoss));
    }
    if (ranks > 0) {
      line.append(", ").append(ranks).append(ranks == 1 ? " rank" : " ranks");
    }
    if (isRunning() && !dead && tokensPerSecond > 0) {
      line.append(String.format(Locale.ROOT, ", %.0f tokens/s", tokensPerSecond));
      if (etaSeconds != null) {
        line.append(", ETA ").append(etaSeconds).append(" s");
      }
    }
    line.append(", ").append(updatedAt);
    return reason.isEmpty() ? line.toString() : line.append(": ").append(reason).toString();
  }
}
