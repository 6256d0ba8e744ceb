package io.cria.train;

import io.cria.sft.ranks.RankCommand;
import io.cria.sft.ranks.RankEvent;
import io.cria.sft.train.SftConfig;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Follows the process of a rank from its start to its end. Of rank 0 it hands on metrics and words,
 * and publishes checkpoints, beside the training, and the result.
 */
final class RankEvents implements AutoCloseable {
  private static final long LOOK_MILLIS = 100;

  /** Any failure is tried again so often; one that may pass, until patience ends. */
  private static final int TRIES = 3;

  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(1);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** A file may be on its way when the attempt is given up. */
  private static final long CLOSE_SECONDS = 10;

  private final RankSpec spec;
  private final Counters counters;
  private final int rank;
  private final String host;
  private final RankProcess child;
  private final Published published;
  private final RunDirectory training;
  private final DriverLine line;
  private final ExecutorService uploader;
  private final List<Future<?>> uploads = new ArrayList<>();
  private volatile @Nullable CriaException unpublished;
  private volatile boolean closed;

  RankEvents(
      RankSpec spec,
      Counters counters,
      int rank,
      String host,
      RankProcess child,
      Published published,
      RunDirectory training,
      DriverLine line) {
    this.spec = spec;
    this.counters = counters;
    this.rank = rank;
    this.host = host;
    this.child = child;
    this.published = published;
    this.training = training;
    this.line = line;
    this.uploader =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, "cria-train-upload");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * @param wanted asked all the time: throws when the attempt is given up
   * @param output the process's directory
   * @return how it ended, where no further attempt is to be made
   * @throws CriaException with the reason, where the ranks are to be started again
   */
  RankReport follow(Runnable wanted, Path output) throws InterruptedException {
    boolean told = false;
    while (true) {
      wanted.run();
      CriaException failed = unpublished;
      if (failed != null) {
        return unpublished(failed);
      }
      if (rank == 0 && line.stopAsked() && !told) {
        child.send(new RankCommand.Stop());
        told = true;
      }
      RankEvent event = child.event(LOOK_MILLIS);
      if (event instanceof RankEvent.End end) {
        return ended(end, wanted, output);
      } else if (event instanceof RankEvent.Message message) {
        line.text(message.text());
      } else if (event instanceof RankEvent.Metrics metrics) {
        counters.add(metrics.line());
        line.metrics(metrics.line().toString());
      } else if (event instanceof RankEvent.Checkpoint saved) {
        uploads.add(uploader.submit(() -> upload(saved.step(), Path.of(saved.path()), output)));
      } else if (event == null && child.hasEnded()) {
        throw new CriaException(ExitCode.FAULT, "its process " + child.lastWords());
      }
    }
  }

  /** The training goes on meanwhile, until it would save the next one. */
  private void upload(int step, Path checkpoint, Path output) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    long pause = FIRST_PAUSE_MILLIS;
    for (int tried = 1; !closed; tried++) {
      try {
        publish(step, checkpoint, output);
        return;
      } catch (CriaException e) {
        boolean patient =
            StoreTrouble.mayPass(e) && !line.stopAsked() && System.nanoTime() - end < 0;
        if (e.exitCode() == ExitCode.RUN_REFUSED || (tried >= TRIES && !patient)) {
          unpublished = e;
          return;
        }
        if (tried == TRIES) {
          line.text(
              SftConfig.checkpointName(step)
                  + " cannot be published yet, which is tried again for minutes ("
                  + e.getMessage()
                  + ")");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      } catch (RuntimeException | Error e) {
        // a full disk is an Error to Hadoop
        unpublished =
            new CriaException(
                ExitCode.FAULT,
                training.path(TrainingPlace.CHECKPOINTS)
                    + ": "
                    + SftConfig.checkpointName(step)
                    + " cannot be published ("
                    + e.getMessage()
                    + "): make room there, and give the same command again",
                e);
        return;
      }
    }
  }

  private void publish(int step, Path checkpoint, Path output) {
    if (speaksForTheTraining()) {
      keepMetrics(output);
    }
    published.publish(step, checkpoint, spec.keepCheckpoints(), this::speaksForTheTraining);
    child.send(new RankCommand.Kept(step));
  }

  private boolean speaksForTheTraining() {
    return !closed && !RunLock.isHeldByAnother(training, spec.epoch());
  }

  private void keepMetrics(Path output) {
    Path metrics = output.resolve(TrainingPlace.METRICS);
    try {
      if (Files.exists(metrics)) {
        training.replace(TrainingPlace.METRICS, Files.readString(metrics));
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, metrics + ": cannot be read (" + e.getMessage() + "): check the disk", e);
    }
  }

  private RankReport ended(RankEvent.End end, Runnable wanted, Path output)
      throws InterruptedException {
    int code = end.code();
    String message = end.message();
    int steps = end.steps();
    if (isRefusal(end)) {
      return new RankReport(rank, host, code, message, steps, List.of());
    }
    if (code != ExitCode.DONE.code() && code != ExitCode.STOPPED.code()) {
      String reason = message.isEmpty() ? "its process ended with code " + code : message;
      if (!mayBeMended(end)) {
        line.endForGood(ExitCode.FAULT, reason);
        return new RankReport(rank, host, ExitCode.FAULT.code(), reason, steps, List.of());
      }
      throw new CriaException(ExitCode.FAULT, reason);
    }
    if (rank != 0) {
      return new RankReport(rank, host, code, message, steps, List.of());
    }
    try {
      awaitUploads(wanted);
      if (!speaksForTheTraining()) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            "another driver took this training over: this one stops, nothing is lost");
      }
      keepMetrics(output);
      List<Manifest.File> files = end.finished() ? result(output) : List.of();
      return new RankReport(rank, host, code, message, steps, files);
    } catch (CriaException e) {
      return unpublished(e);
    }
  }

  /** Whether a process ended by what the user has to change. */
  static boolean isRefusal(RankEvent.End end) {
    return end.code() == ExitCode.BAD_INPUT.code() || end.code() == ExitCode.RUN_REFUSED.code();
  }

  /** Whether another attempt may come further than this process. */
  static boolean mayBeMended(RankEvent.End end) {
    return !isRefusal(end) && end.again();
  }

  private void awaitUploads(Runnable wanted) throws InterruptedException {
    for (Future<?> upload : uploads) {
      while (!isDone(upload)) {
        wanted.run();
      }
    }
    CriaException failed = unpublished;
    if (failed != null) {
      throw failed;
    }
  }

  private static boolean isDone(Future<?> upload) throws InterruptedException {
    try {
      upload.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("uploads tell their failures", e);
    }
  }

  /** Trained again, it could not be published again. */
  private RankReport unpublished(CriaException e) {
    String reason = String.valueOf(e.getMessage());
    ExitCode code = StoreTrouble.code(e);
    line.endForGood(code, reason);
    return new RankReport(rank, host, code.code(), reason, 0, List.of());
  }

  /** The files of the result, in place; the driver's manifest makes them count. */
  private List<Manifest.File> result(Path output) {
    List<Manifest.File> files = new ArrayList<>();
    for (String name : TrainingPlace.RESULTS) {
      training.delete(name);
      if (Files.isDirectory(output.resolve(name))) {
        files.addAll(
            published
                .upload(output.resolve(name), name, this::speaksForTheTraining)
                .orElseThrow(() -> new CriaException(ExitCode.FAULT, "the attempt is given up")));
      }
    }
    return files;
  }

  /** After it nothing of this attempt is written any more. */
  @Override
  public void close() {
    closed = true;
    uploader.shutdownNow();
    try {
      if (!uploader.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(RankEvents.class.getName())
            .log(System.Logger.Level.WARNING, "an upload is still on its way: it will not count");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
