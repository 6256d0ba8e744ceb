package io.cria.train;

import io.cria.sft.ranks.RankCommand;
import io.cria.sft.ranks.RankEvent;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Follows the process of a rank from its start to its end. Of rank 0 it hands on metrics and words,
 * and publishes checkpoints, beside the training, and the result.
 */
final class RankEvents implements AutoCloseable {
  private static final long LOOK_MILLIS = 100;
  private static final int TRIES = 3;
  private static final long[] PAUSE_SECONDS = {1, 3};

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
        return ended(end, output);
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

  private void upload(int step, Path checkpoint, Path output) {
    for (int tried = 0; tried < TRIES && !closed; tried++) {
      try {
        keepMetrics(output);
        published.publish(step, checkpoint, spec.keepCheckpoints(), this::speaksForTheTraining);
        child.send(new RankCommand.Kept(step));
        return;
      } catch (CriaException e) {
        if (tried == PAUSE_SECONDS.length || e.exitCode() == ExitCode.RUN_REFUSED) {
          unpublished = e;
          return;
        }
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(PAUSE_SECONDS[tried]));
      } catch (RuntimeException | Error e) {
        // a full disk is an Error to Hadoop
        unpublished =
            new CriaException(
                ExitCode.FAULT,
                training.path(TrainingPlace.CHECKPOINTS)
                    + ": "
                    + Published.name(step)
                    + " cannot be published ("
                    + e.getMessage()
                    + "): make room there, and give the same command again",
                e);
        return;
      }
    }
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

  private RankReport ended(RankEvent.End end, Path output) throws InterruptedException {
    int code = end.code();
    String message = end.message();
    int steps = end.steps();
    if (code == ExitCode.BAD_INPUT.code() || code == ExitCode.RUN_REFUSED.code()) {
      return new RankReport(rank, host, code, message, steps, List.of());
    }
    if (code != ExitCode.DONE.code() && code != ExitCode.STOPPED.code()) {
      throw new CriaException(
          ExitCode.FAULT, message.isEmpty() ? "its process ended with code " + code : message);
    }
    if (rank != 0) {
      return new RankReport(rank, host, code, message, steps, List.of());
    }
    try {
      awaitUploads();
      keepMetrics(output);
      List<Manifest.File> files = end.finished() ? result(output) : List.of();
      return new RankReport(rank, host, code, message, steps, files);
    } catch (CriaException e) {
      return unpublished(e);
    }
  }

  private void awaitUploads() throws InterruptedException {
    for (Future<?> upload : uploads) {
      try {
        upload.get();
      } catch (java.util.concurrent.ExecutionException e) {
        throw new IllegalStateException("uploads tell their failures", e);
      }
    }
    CriaException failed = unpublished;
    if (failed != null) {
      throw failed;
    }
  }

  /** Trained again, it could not be published again. */
  private RankReport unpublished(CriaException e) {
    String reason = String.valueOf(e.getMessage());
    line.endForGood(e.exitCode(), reason);
    return new RankReport(rank, host, e.exitCode().code(), reason, 0, List.of());
  }

  /** The files of the result, in place; the driver's manifest makes them count. */
  private List<Manifest.File> result(Path output) {
    List<Manifest.File> files = new ArrayList<>();
    for (String name : TrainingPlace.RESULTS) {
      training.delete(name);
      if (Files.isDirectory(output.resolve(name))) {
        files.addAll(published.upload(output.resolve(name), name));
      }
    }
    return files;
  }

  @Override
  public void close() {
    closed = true;
    uploader.shutdownNow();
  }
}
