package io.cria.train;

import io.cria.sft.ranks.RankCommand;
import io.cria.sft.ranks.RankEvent;
import io.cria.shard.LocalDirectory;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskKilledException;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * One rank of one attempt: prepares its host, starts its process, meets the others, and follows the
 * training to its end. What no further attempt mends is returned; all else is thrown, so that Spark
 * starts all ranks again.
 */
final class Rank {
  private static final long LOOK_MILLIS = 100;
  private static final String DRIVER = "driver";
  private static final String GPU = "gpu";

  private final RankSpec spec;
  private final Counters counters;
  private final BarrierTaskContext task;
  private final int rank;
  private final String host;
  private final RunDirectory training;
  private final Published published;

  Rank(RankSpec spec, Counters counters, BarrierTaskContext task) {
    this.spec = spec;
    this.counters = counters;
    this.task = task;
    this.rank = task.partitionId();
    String address = task.getTaskInfos()[rank].address();
    this.host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
    this.training = RunDirectory.at(spec.training(), spec.hadoop().value());
    this.published =
        new Published(training, spec.epoch(), spec.epoch() + "-" + task.stageAttemptNumber());
  }

  RankReport run() {
    try (DriverLine line = new DriverLine(spec.id(), rank, task.stageAttemptNumber())) {
      try {
        RankReport report = trained(line);
        if (report.code() == ExitCode.BAD_INPUT.code()
            || report.code() == ExitCode.RUN_REFUSED.code()) {
          line.end(ExitCode.of(report.code()), report.message());
        }
        return report;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TaskKilledException("interrupted");
      } catch (IOException | CriaException e) {
        String reason = "rank " + rank + " on " + host + ": " + e.getMessage();
        line.end(ExitCode.FAULT, reason);
        throw new CriaException(ExitCode.FAULT, reason, e);
      }
    }
  }

  private RankReport trained(DriverLine line) throws IOException, InterruptedException {
    HostCache cache =
        HostCache.ofThisExecutor(
            () -> {
              requireWanted();
              requireNotStopped(line);
            });
    Path scratch =
        cache.root().resolve(spec.id() + "-" + task.stageAttemptNumber() + "-rank-" + rank);
    try {
      Prepared prepared;
      try {
        prepared = new Preparation(spec, rank, host, cache, scratch).prepare();
      } catch (CriaException e) {
        return refused(Word.refusal(refusing(e).gather(task)).orElseThrow());
      }
      ProcessBuilder builder =
          ChildCommand.of(spec.child(), prepared.job(), natives(cache), gpus());
      try (RankProcess child = RankProcess.start(builder, "cria rank " + rank, this::log)) {
        return followed(child, prepared, line);
      }
    } finally {
      LocalDirectory.delete(scratch);
    }
  }

  private RankReport followed(RankProcess child, Prepared prepared, DriverLine line)
      throws IOException, InterruptedException {
    List<Word> all = word(ready(child), prepared, line).gather(task);
    Optional<Board.End> refusal = Word.refusal(all);
    if (refusal.isPresent()) {
      return refused(refusal.get());
    }
    String checkpoint = all.get(0).checkpoint();
    if (rank == 0 && !checkpoint.isEmpty()) {
      prepared.placeMetrics(training);
      line.text("going on from " + checkpoint);
    }
    child.send(go(all));
    try (RankEvents events =
        new RankEvents(spec, counters, rank, host, child, published, training, line)) {
      return events.follow(this::requireWanted, prepared.output());
    }
  }

  /** The first event of a process: it has its device. */
  private RankEvent ready(RankProcess child) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(spec.child().readySeconds());
    while (System.nanoTime() < end) {
      requireWanted();
      RankEvent event = child.event(LOOK_MILLIS);
      if (event != null) {
        return event;
      }
      if (child.hasEnded()) {
        throw new CriaException(
            ExitCode.FAULT, "its process " + child.lastWords() + ", before it was ready");
      }
    }
    throw new CriaException(
        ExitCode.FAULT,
        "its process is not ready after "
            + spec.child().readySeconds()
            + " s: look at the executor's log");
  }

  /** What this rank says to the others. Rank 0 has the checkpoint by then: nobody waits for it. */
  private Word word(RankEvent event, Prepared prepared, DriverLine line) {
    if (event instanceof RankEvent.End end) {
      if (RankEvents.mayBeMended(end)) {
        throw new CriaException(ExitCode.FAULT, end.message());
      }
      return Word.refusing(
          rank,
          host,
          ExitCode.of(end.code()),
          "rank " + rank + " on " + host + ": " + end.message());
    }
    if (!(event instanceof RankEvent.Ready ready)) {
      throw new CriaException(
          ExitCode.FAULT, "its process began with another word than that it is ready: " + event);
    }
    String checkpoint;
    try {
      checkpoint = rank == 0 ? checkpoint(prepared, line) : "";
    } catch (CriaException e) {
      return refusing(e);
    }
    return new Word(
        rank,
        host,
        ready.torch(),
        ready.device(),
        Objects.requireNonNullElse(ready.store(), 0),
        Objects.requireNonNullElse(ready.beats(), 0),
        prepared.baseDigest(),
        spec.child().memory(),
        prepared.available(),
        checkpoint,
        0,
        "");
  }

  /** Fetches the one to go on from; empty for a start. */
  private String checkpoint(Prepared prepared, DriverLine line) {
    return published
        .fetchNewest(
            prepared.output().resolve(TrainingPlace.CHECKPOINTS),
            () -> {
              requireWanted();
              requireNotStopped(line);
            },
            line::text)
        .orElse("");
  }

  /** Tells the others what none of them mends by another attempt; all else is thrown. */
  private Word refusing(CriaException e) {
    if (StoreTrouble.code(e) == ExitCode.FAULT) {
      throw e;
    }
    return Word.refusing(rank, host, e.exitCode(), String.valueOf(e.getMessage()));
  }

  private static RankCommand go(List<Word> all) {
    Word first = all.get(0);
    return new RankCommand.Go(
        first.host(), first.store(), first.beats(), all.stream().map(Word::host).toList());
  }

  private RankReport refused(Board.End end) {
    return new RankReport(rank, host, end.code().code(), end.reason(), 0, List.of());
  }

  /** Where the attempt is given up, nothing is waited for. */
  private void requireWanted() {
    if (task.isInterrupted()) {
      throw new TaskKilledException("the attempt is given up");
    }
  }

  private static void requireNotStopped(DriverLine line) {
    if (line.stopAsked()) {
      throw new CriaException(ExitCode.STOPPED, "stopped before the first step");
    }
  }

  /** Home directories of executors are not always there, and not always writable. */
  private static @Nullable Path natives(HostCache cache) throws IOException {
    if (SparkEnv.get().executorId().equals(DRIVER)) {
      return null;
    }
    return Files.createDirectories(cache.root().resolve("natives"));
  }

  private List<String> gpus() {
    Map<String, ResourceInformation> given = task.resourcesJMap();
    ResourceInformation gpu = given.get(GPU);
    return gpu == null ? List.of() : List.of(gpu.addresses());
  }

  /** Into the executor's log; where that is the user's terminal, only when more was asked for. */
  private void log(String line) {
    if (SparkEnv.get() != null && !SparkEnv.get().executorId().equals(DRIVER)) {
      PrintStream log = System.err;
      log.println("rank " + rank + ": " + line);
    } else {
      System.getLogger(Rank.class.getName())
          .log(System.Logger.Level.INFO, "rank {0}: {1}", rank, line);
    }
  }
}
