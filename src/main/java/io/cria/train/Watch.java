package io.cria.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.RunProgress;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSError;
import org.jspecify.annotations.Nullable;

/** How a training goes, from what its ranks say: to whoever waits, and into status.json. */
final class Watch {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern STEP = Pattern.compile("^step (\\d+)/(\\d+) .*");

  /** Stores are not to be written to at every step. */
  private static final Duration BETWEEN = Duration.ofSeconds(5);

  private final RunDirectory training;
  private final String name;
  private final String invocation;
  private final RunProgress progress;
  private final Clock clock;
  private Instant written = Instant.EPOCH;
  private int ranks;
  private int attempt;
  private int step;
  private int total;
  private @Nullable Double loss;
  private @Nullable Double evaluationLoss;
  private double tokensPerSecond;
  private int firstStep = -1;
  private Instant first = Instant.EPOCH;
  private boolean begun;
  private boolean hasEnded;
  private boolean unwritten;

  /**
   * @param invocation what the driver is called by whoever submitted it
   */
  Watch(RunDirectory training, String name, String invocation, RunProgress progress, Clock clock) {
    this.training = training;
    this.name = name;
    this.invocation = invocation;
    this.progress = progress;
    this.clock = clock;
  }

  /** Ranks are about to start. */
  void starting(int count) {
    ranks = count;
    going();
  }

  /** Takes what is new, and tells it. */
  void take(Board board) {
    if (board.attempts() > attempt) {
      if (attempt > 0) {
        String why = board.fault().map(Board.End::reason).orElse("a rank was lost");
        progress.note(why + "; the ranks start again from the last checkpoint");
      }
      attempt = board.attempts();
      firstStep = -1;
    }
    for (String text : board.takeTexts()) {
      told(text);
    }
    for (String line : board.takeLines()) {
      measured(line);
    }
    if (Duration.between(written, clock.instant()).compareTo(BETWEEN) >= 0) {
      going();
    }
  }

  /** Lines that tell a step are shown as progress, all others as they are. */
  private void told(String text) {
    Matcher matcher = STEP.matcher(text);
    if (!matcher.matches()) {
      progress.note(text);
      return;
    }
    total = Integer.parseInt(matcher.group(2));
    if (!begun) {
      begun = true;
      progress.begin("train " + name, total);
      progress.advance(step, null);
    }
  }

  private void measured(String line) {
    try {
      JsonNode metrics = JSON.readTree(line);
      if (metrics.path("eval_loss").isNumber()) {
        evaluationLoss = metrics.path("eval_loss").asDouble();
      }
      if (metrics.path("loss").isNumber()) {
        step = metrics.path("step").asInt();
        loss = metrics.path("loss").asDouble();
        tokensPerSecond = metrics.path("tokens_per_second").asDouble();
        if (firstStep < 0) {
          firstStep = step;
          first = clock.instant();
        }
        progress.advance(step, null);
        progress.detail(String.format(Locale.ROOT, "loss %.4f", loss));
      }
    } catch (JsonProcessingException e) {
      progress.note("a rank's metrics do not read: " + e.getOriginalMessage());
    }
  }

  /**
   * Tells the end.
   *
   * @throws CriaException when that cannot be written
   */
  void ended(ExitCode code, String reason) {
    if (begun) {
      progress.end();
      begun = false;
    }
    hasEnded = true;
    String state =
        switch (code) {
          case DONE -> "done";
          case STOPPED -> "stopped";
          default -> "failed";
        };
    write(state, code.code(), reason);
  }

  /** Steps that the training has in all; 0 where no rank made any. */
  int totalSteps() {
    return total;
  }

  private @Nullable Long etaSeconds() {
    if (hasEnded || firstStep < 0 || step <= firstStep || total <= step) {
      return null;
    }
    double perStep =
        Duration.between(first, clock.instant()).toMillis() / 1000.0 / (step - firstStep);
    return Math.round(perStep * (total - step));
  }

  /** A store that does not answer for a while ends no training: the next time tries again. */
  private void going() {
    try {
      write(TrainingStatus.RUNNING, -1, "");
      unwritten = false;
    } catch (CriaException | UncheckedIOException | FSError e) {
      if (!unwritten) {
        progress.note(TrainingStatus.FILE + " falls behind: " + e.getMessage());
      }
      unwritten = true;
    }
  }

  private void write(String state, int exitCode, String reason) {
    written = clock.instant();
    training.replace(
        TrainingStatus.FILE,
        Json.write(
            new TrainingStatus(
                state,
                exitCode,
                reason,
                ranks,
                attempt,
                step,
                total,
                loss,
                evaluationLoss,
                tokensPerSecond,
                etaSeconds(),
                written.toString(),
                invocation)));
  }
}
