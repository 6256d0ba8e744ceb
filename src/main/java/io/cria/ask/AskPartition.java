package io.cria.ask;

import io.cria.llm.ClientStack;
import io.cria.llm.LedgerRecord;
import io.cria.llm.LedgerWriter;
import io.cria.llm.LlmRequest;
import io.cria.llm.ModelClient;
import io.cria.llm.PauseGate;
import io.cria.llm.RequestCap;
import io.cria.llm.SegmentOutput;
import io.cria.llm.SegmentStore;
import io.cria.llm.StopReason;
import io.cria.llm.Window;
import io.cria.run.RunContext;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.Serializable;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Asks one partition's requests, round by round, and writes the ledger from the task. A task that
 * Spark tries again reads what its earlier attempt left in the ledger first.
 */
final class AskPartition implements FlatMapFunction<Iterator<Row>, AskReport> {
  private static final long serialVersionUID = 1L;

  /**
   * One window and one pause gate per endpoint in each executor process, whatever number of tasks
   * runs in it.
   */
  private static final Map<String, Shared> SHARED = new ConcurrentHashMap<>();

  private record Shared(Window window, PauseGate pause) {}

  private final AskSettings settings;
  private final SerializableConfiguration hadoop;
  private final HashMap<String, Integer> attempts;
  private final Share share;

  /**
   * How the cap is shared out: each partition has its part, whatever becomes of the others.
   *
   * @param job names the segments of this job's tasks, so that a task tried again knows what its
   *     part is worth still
   * @param partitions of the job
   * @param remaining requests that may still be sent; -1 without a cap
   */
  record Share(String job, int partitions, long remaining) implements Serializable {
    /** The start of the names of a partition's segments. */
    String writer(int partition) {
      return job + "-" + partition;
    }

    RequestCap cap(int partition, long sentBefore) {
      if (remaining < 0) {
        return RequestCap.unlimited();
      }
      long part = remaining / partitions + (partition < remaining % partitions ? 1 : 0);
      return RequestCap.of(Math.max(0, part - sentBefore));
    }
  }

  /**
   * @param attempts highest attempt of each request that has one and is to be asked
   */
  AskPartition(
      AskSettings settings,
      SerializableConfiguration hadoop,
      Map<String, Integer> attempts,
      Share share) {
    this.settings = settings;
    this.hadoop = hadoop;
    this.attempts = new HashMap<>(attempts);
    this.share = share;
  }

  @Override
  public Iterator<AskReport> call(Iterator<Row> rows) {
    Asking asking =
        new Asking(RunDirectory.at(settings.runDirectory(), hadoop.value()), TaskContext.get());
    return Collections.singletonList(asking.all(new PerRound(rows))).iterator();
  }

  /** One task's work. */
  private final class Asking {
    private final RunDirectory run;
    private final TaskContext task;
    private final BooleanSupplier stop;
    private long terminal;
    private long sentBefore;

    Asking(RunDirectory run, TaskContext task) {
      this.run = run;
      this.task = task;
      this.stop = new StopFile(run, settings.lockOwner(), task);
    }

    AskReport all(PerRound rounds) {
      try {
        RequestCap cap = share.cap(task.partitionId(), isRetry() ? sentByEarlierAttempts() : 0);
        for (OptionalInt round = rounds.round(); round.isPresent(); round = rounds.round()) {
          StopReason reason = oneRound(round.getAsInt(), rounds.requestsOf(round.getAsInt()), cap);
          if (reason != StopReason.NONE) {
            return new AskReport(terminal, reason == StopReason.REQUESTED, ExitCode.DONE, null);
          }
        }
        return new AskReport(terminal, false, ExitCode.DONE, null);
      } catch (CriaException e) {
        return new AskReport(terminal, false, e.exitCode(), e.getMessage());
      }
    }

    private StopReason oneRound(int round, Iterator<LlmRequest> requests, RequestCap cap) {
      Seen seen = isRetry() ? earlier(round) : new Seen();
      LedgerFiles files = new LedgerFiles(run, settings.stage(), round);
      try (LedgerWriter ledger = new LedgerWriter(new Segments(files), writerId());
          ModelClient client = client(ledger, seen, cap)) {
        Iterator<LedgerRecord> outcomes = client.ask(new Unanswered(requests, seen.answered));
        while (outcomes.hasNext()) {
          outcomes.next();
          terminal++;
        }
        return client.stopReason();
      }
    }

    private ModelClient client(LedgerWriter ledger, Seen seen, RequestCap cap) {
      Shared shared =
          SHARED.computeIfAbsent(
              settings.endpoint().baseUrl() + " " + settings.limits().inFlight(),
              key -> new Shared(Window.of(settings.limits().inFlight()), new PauseGate()));
      ToIntFunction<String> nextAttempt =
          key -> 1 + Math.max(attempts.getOrDefault(key, 0), seen.attempts.getOrDefault(key, 0));
      return ClientStack.of(settings.llmEndpoint(), ledger)
          .credentials(settings.credentials())
          .prices(settings.priceList())
          .rules(settings.rules())
          .window(shared.window())
          .pauseGate(shared.pause())
          .requestCap(cap)
          .nextAttempt(nextAttempt)
          .stopRequested(stop)
          .build();
    }

    private boolean isRetry() {
      return task.attemptNumber() + task.stageAttemptNumber() > 0;
    }

    private String writerId() {
      return share.writer(task.partitionId()) + "-" + UUID.randomUUID();
    }

    /** Records that earlier attempts of this very task left, over all rounds. */
    private long sentByEarlierAttempts() {
      String own = "/segment-" + share.writer(task.partitionId()) + "-";
      for (String segment : LedgerFiles.segments(run, settings.stage())) {
        if (segment.contains(own)) {
          LedgerTable.read(run, segment, record -> sentBefore++);
        }
      }
      return sentBefore;
    }

    private Seen earlier(int round) {
      Seen seen = new Seen();
      for (String segment : LedgerFiles.segments(run, settings.stage(), round)) {
        LedgerTable.read(run, segment, seen::add);
      }
      return seen;
    }
  }

  /** What the ledger holds already of a round. */
  private static final class Seen {
    private final Set<String> answered = new HashSet<>();
    private final Map<String, Integer> attempts = new HashMap<>();

    void add(LedgerRecord record) {
      if (record.outcome().isTerminal()) {
        answered.add(record.requestKey());
      }
      attempts.merge(record.requestKey(), record.attempt(), Math::max);
    }
  }

  /** Requests of one partition, which come sorted by round, cut where the round changes. */
  private static final class PerRound {
    private final Iterator<Row> rows;
    private @Nullable LlmRequest ahead;

    PerRound(Iterator<Row> rows) {
      this.rows = rows;
      advance();
    }

    /** The round of the next request; empty at the end. */
    OptionalInt round() {
      LlmRequest next = ahead;
      return next == null ? OptionalInt.empty() : OptionalInt.of(next.round());
    }

    /** The requests up to the next change of round. */
    Iterator<LlmRequest> requestsOf(int round) {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return ahead != null && ahead.round() == round;
        }

        @Override
        public LlmRequest next() {
          LlmRequest next = ahead;
          if (next == null || next.round() != round) {
            throw new NoSuchElementException();
          }
          advance();
          return next;
        }
      };
    }

    private void advance() {
      ahead = rows.hasNext() ? RequestRows.planned(rows.next()).request() : null;
    }
  }

  /** Leaves out what an earlier attempt of this task has answered. */
  private static final class Unanswered implements Iterator<LlmRequest> {
    private final Iterator<LlmRequest> requests;
    private final Set<String> answered;
    private @Nullable LlmRequest ahead;

    Unanswered(Iterator<LlmRequest> requests, Set<String> answered) {
      this.requests = requests;
      this.answered = answered;
    }

    @Override
    public boolean hasNext() {
      while (ahead == null && requests.hasNext()) {
        LlmRequest next = requests.next();
        ahead = answered.contains(next.requestKey()) ? null : next;
      }
      return ahead != null;
    }

    @Override
    public LlmRequest next() {
      LlmRequest next = hasNext() ? ahead : null;
      if (next == null) {
        throw new NoSuchElementException();
      }
      ahead = null;
      return next;
    }
  }

  /**
   * Whether to stop: the run's stop file, a lock that another driver holds, or Spark's own
   * interrupt. The files are looked at once a second at most.
   */
  private static final class StopFile implements BooleanSupplier {
    private static final long LOOK_NANOS = 1_000_000_000L;

    private final RunDirectory run;
    private final String lockOwner;
    private final TaskContext task;
    private long looked = System.nanoTime() - LOOK_NANOS;
    private boolean found;

    StopFile(RunDirectory run, String lockOwner, TaskContext task) {
      this.run = run;
      this.lockOwner = lockOwner;
      this.task = task;
    }

    @Override
    public boolean getAsBoolean() {
      if (!found && System.nanoTime() - looked >= LOOK_NANOS) {
        looked = System.nanoTime();
        found = run.exists(RunContext.STOP_FILE) || RunLock.isHeldByAnother(run, lockOwner);
      }
      return found || task.isInterrupted();
    }
  }

  /** The ledger's segments as the client wants them. */
  private record Segments(LedgerFiles files) implements SegmentStore {
    @Override
    public SegmentOutput create(String segmentName) throws IOException {
      LedgerFiles.Segment segment = files.create(segmentName);
      return new SegmentOutput() {
        @Override
        public void write(byte[] bytes) throws IOException {
          segment.write(bytes);
        }

        @Override
        public void sync() throws IOException {
          segment.sync();
        }

        @Override
        public boolean syncIsDurable() {
          return segment.syncIsDurable();
        }

        @Override
        public void close() throws IOException {
          segment.close();
        }
      };
    }
  }
}
