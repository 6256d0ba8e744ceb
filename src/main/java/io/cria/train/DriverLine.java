package io.cria.train;

import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A rank's line to the driver: says what is new once a second, and learns whether to stop. A driver
 * that does not answer is asked again; when it is gone, Spark ends this process.
 */
final class DriverLine implements AutoCloseable {
  private static final long BEAT_MILLIS = 1_000;

  private final String training;
  private final int rank;
  private final int attempt;
  private final ScheduledExecutorService heart;
  private final List<String> lines = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private volatile boolean stop;

  /**
   * @param attempt of the stage, from 0
   */
  @SuppressWarnings("FutureReturnValueIgnored") // beats until close
  DriverLine(String training, int rank, int attempt) {
    this.training = training;
    this.rank = rank;
    this.attempt = attempt;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "cria-train-beat");
              thread.setDaemon(true);
              return thread;
            });
    heart.scheduleWithFixedDelay(this::beat, 0, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  boolean stopAsked() {
    return stop;
  }

  /** A line of the metrics, said with the next beat. */
  void metrics(String line) {
    synchronized (lines) {
      lines.add(line);
    }
  }

  /** Words for whoever waits, said with the next beat. */
  void text(String text) {
    synchronized (lines) {
      texts.add(text);
    }
  }

  /** Says at once how this rank ends, where that is not well. */
  void end(ExitCode code, String reason) {
    say(Map.of(Board.CODE, code.code(), Board.REASON, reason));
  }

  /** The same, where no further attempt would mend it. */
  void endForGood(ExitCode code, String reason) {
    say(Map.of(Board.CODE, code.code(), Board.REASON, reason, Board.FOR_GOOD, true));
  }

  private void beat() {
    say(Map.of());
  }

  /** Never fails: what could not be said is said with the next beat. */
  private synchronized void say(Map<String, Object> more) {
    HashMap<String, Object> message = new HashMap<>(more);
    message.put(Board.TRAINING, training);
    message.put(Board.RANK, rank);
    message.put(Board.ATTEMPT, attempt);
    ArrayList<String> saidLines;
    ArrayList<String> saidTexts;
    synchronized (lines) {
      saidLines = new ArrayList<>(lines);
      saidTexts = new ArrayList<>(texts);
    }
    message.put(Board.LINES, saidLines);
    message.put(Board.TEXT, saidTexts);
    try {
      stop |= Boolean.TRUE.equals(TrainPlugin.ask(message).get(Board.STOP));
      synchronized (lines) {
        lines.subList(0, saidLines.size()).clear();
        texts.subList(0, saidTexts.size()).clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      System.getLogger(DriverLine.class.getName())
          .log(System.Logger.Level.DEBUG, "the driver does not answer", e);
    }
  }

  /** Says what is left. */
  @Override
  public void close() {
    heart.shutdownNow();
    beat();
  }
}
