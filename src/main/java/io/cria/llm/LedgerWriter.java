package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to segments and tells when they are durable: group commit by one thread, which
 * writes all that waits, syncs once, then releases. Where a store's sync is not durable, a segment
 * is closed {@value #SEAL_RECORDS} records or two seconds after its first record, whichever comes
 * first, and its records are released by that.
 *
 * <p>When the store fails, this record and all that follow are refused with one {@link
 * CriaException}; what was not durable is never released. Thread-safe.
 */
public final class LedgerWriter implements AutoCloseable {
  static final int SEAL_RECORDS = 256;
  private static final Duration SEAL_AGE = Duration.ofSeconds(2);
  private static final long SEGMENT_BYTES = 64L << 20;

  private final SegmentStore store;
  private final String writerId;
  private final Schedule schedule;
  private final BlockingQueue<Command> queue = new LinkedBlockingQueue<>();
  private final Thread committer;
  private final Object admission = new Object();
  private boolean closed;

  private int segmentNumber;
  private String segmentName = "";
  private long segmentBytes;
  private @Nullable SegmentOutput segment;
  private final List<Append> unsealed = new ArrayList<>();
  private volatile @Nullable CriaException failure;

  /**
   * @param store where the segments go; a segment is made when there is a record for it
   * @param writerId makes the names {@code segment-<writerId>-<n>.jsonl} unique in the store: no
   *     other writer, dead or alive, may bear it
   */
  public LedgerWriter(SegmentStore store, String writerId) {
    this(store, writerId, Schedule.system());
  }

  LedgerWriter(SegmentStore store, String writerId, Schedule schedule) {
    this.store = store;
    this.writerId = writerId;
    this.schedule = schedule;
    this.committer = new Thread(this::run, "cria-ledger");
    committer.setDaemon(true);
    committer.start();
  }

  private sealed interface Command {}

  private record Append(String line, CompletableFuture<Void> durable, Runnable accepted)
      implements Command {}

  private record Seal(int segmentNumber) implements Command {}

  private record End() implements Command {}

  /**
   * Queues a record.
   *
   * @param accepted run once the record counts as kept for the purpose of admitting more: at the
   *     commit where sync is durable, else when it is written (its release then waits for the
   *     segment's end)
   * @return completes when the record is durable; fails with {@link CriaException} when it cannot
   *     be made so
   */
  public CompletableFuture<Void> append(LedgerRecord record, Runnable accepted) {
    Append append = new Append(record.toLine() + "\n", new CompletableFuture<>(), accepted);
    synchronized (admission) {
      if (closed) {
        throw new IllegalStateException("the ledger writer is closed");
      }
      queue.add(append);
    }
    return append.durable();
  }

  /** As {@link #append(LedgerRecord, Runnable)} without a notice. */
  public CompletableFuture<Void> append(LedgerRecord record) {
    return append(record, () -> {});
  }

  /** Why nothing more is taken; null while all is well. */
  public @Nullable CriaException failure() {
    return failure;
  }

  /**
   * Makes what was appended durable and ends the segment.
   *
   * @throws CriaException when the store failed, now or before
   */
  @Override
  public void close() {
    synchronized (admission) {
      if (!closed) {
        closed = true;
        queue.add(new End());
      }
    }
    boolean interrupted = false;
    while (committer.isAlive()) {
      try {
        committer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    CriaException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void run() {
    List<Command> batch = new ArrayList<>();
    boolean open = true;
    while (open) {
      batch.clear();
      try {
        batch.add(queue.take());
      } catch (InterruptedException e) {
        // Nobody but this class knows the thread; it ends by its own command only.
        continue;
      }
      queue.drainTo(batch);
      open = batch.stream().noneMatch(End.class::isInstance);
      commit(batch, !open);
    }
  }

  private void commit(List<Command> batch, boolean end) {
    List<Append> appends = new ArrayList<>();
    boolean seal = end;
    for (Command command : batch) {
      if (command instanceof Append append) {
        appends.add(append);
      } else if (command instanceof Seal due) {
        seal |= due.segmentNumber() == segmentNumber;
      }
    }
    CriaException failed = failure;
    if (failed == null) {
      try {
        writeAll(appends);
        if (seal) {
          seal();
        }
        return;
      } catch (IOException | RuntimeException e) {
        failed =
            new CriaException(
                ExitCode.FAULT,
                "cannot write the ledger, segment "
                    + segmentName
                    + ": "
                    + e.getMessage()
                    + ": free space or mend the store, then give the same command again",
                e);
        closeAfterFailure(failed);
        failure = failed;
      }
    }
    appends.addAll(0, unsealed);
    unsealed.clear();
    for (Append append : appends) {
      append.durable().completeExceptionally(failed);
    }
  }

  private void closeAfterFailure(CriaException failed) {
    SegmentOutput out = segment;
    segment = null;
    if (out != null) {
      try {
        out.close();
      } catch (IOException | RuntimeException e) {
        failed.addSuppressed(e);
      }
    }
  }

  private void writeAll(List<Append> appends) throws IOException {
    int from = 0;
    while (from < appends.size()) {
      SegmentOutput out = openSegment();
      boolean durable = out.syncIsDurable();
      int room = durable ? appends.size() : SEAL_RECORDS - unsealed.size();
      List<Append> group = appends.subList(from, Math.min(appends.size(), from + room));
      out.write(bytes(group));
      if (durable) {
        out.sync();
        group.forEach(append -> append.accepted().run());
        group.forEach(append -> append.durable().complete(null));
      } else {
        if (unsealed.isEmpty()) {
          Seal due = new Seal(segmentNumber);
          schedule.wait(SEAL_AGE, () -> queue.add(due));
        }
        unsealed.addAll(group);
        group.forEach(append -> append.accepted().run());
      }
      from += group.size();
      if (segmentBytes >= SEGMENT_BYTES || unsealed.size() >= SEAL_RECORDS) {
        seal();
      }
    }
  }

  private byte[] bytes(List<Append> group) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Append append : group) {
      bytes.writeBytes(append.line().getBytes(StandardCharsets.UTF_8));
    }
    segmentBytes += bytes.size();
    return bytes.toByteArray();
  }

  private SegmentOutput openSegment() throws IOException {
    SegmentOutput out = segment;
    if (out == null) {
      segmentNumber++;
      segmentBytes = 0;
      segmentName = String.format(Locale.ROOT, "segment-%s-%04d.jsonl", writerId, segmentNumber);
      out = store.create(segmentName);
      segment = out;
    }
    return out;
  }

  private void seal() throws IOException {
    SegmentOutput out = segment;
    if (out != null) {
      segment = null;
      out.close();
      unsealed.forEach(append -> append.durable().complete(null));
      unsealed.clear();
    }
  }
}
