package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to the segments of their parts and tells when they are durable: group commit by
 * one thread, which writes all that waits, syncs each segment once, then releases. Where a store's
 * sync is not durable, a segment is closed {@value #SEAL_RECORDS} records or two seconds after its
 * first record, whichever comes first, and its records are released by that.
 *
 * <p>When a store fails in whatever way, this record and all that follow are refused with one
 * {@link CriaException}; what was not durable is never released. Thread-safe.
 */
public final class LedgerWriter implements AutoCloseable {
  static final int SEAL_RECORDS = 256;
  private static final Duration SEAL_AGE = Duration.ofSeconds(2);
  private static final long SEGMENT_BYTES = 64L << 20;
  private static final int BATCH_MOST = 4096;

  private final SegmentStores stores;
  private final String writerId;
  private final Schedule schedule;
  private final @Nullable String host;
  private final BlockingQueue<Command> queue = new LinkedBlockingQueue<>();
  private final Thread committer;
  private final Object admission = new Object();
  private boolean closed;

  private final Map<Part, SegmentWriter> open = new LinkedHashMap<>();
  private final Map<Part, List<Written>> written = new ConcurrentHashMap<>();
  private int segmentNumber;
  private String segmentName = "";

  /** Told when memory does not suffice to say more; made while it does. */
  private final CriaException lastResort =
      new CriaException(ExitCode.FAULT, "cannot write the ledger: give the process more memory");

  private volatile @Nullable CriaException failure;

  /**
   * A segment that is closed.
   *
   * @param name its file name
   * @param bytes its size
   * @param records how many lines it has
   */
  public record Written(String name, long bytes, long records) {}

  /**
   * A writer whose records bear no host.
   *
   * @param stores where the segments go; a segment is made when there is a record for it
   * @param writerId makes the names {@code segment-p<part>-<writerId>-<n>.jsonl} unique in a store:
   *     no other writer, dead or alive, may bear it
   */
  public LedgerWriter(SegmentStores stores, String writerId) {
    this(stores, writerId, Schedule.system(), null);
  }

  /**
   * @param stores where the segments go
   * @param writerId see {@link #LedgerWriter(SegmentStores, String)}
   * @param schedule alarm for the age of a segment
   * @param host this host's name, for the records; null to tell none
   */
  public LedgerWriter(
      SegmentStores stores, String writerId, Schedule schedule, @Nullable String host) {
    this.stores = stores;
    this.writerId = writerId;
    this.schedule = schedule;
    this.host = host;
    this.committer = new Thread(this::run, "cria-ledger");
    committer.setDaemon(true);
    committer.start();
  }

  private sealed interface Command {}

  private record Append(Part part, SegmentWriter.Line line) implements Command {}

  private record Seal(SegmentWriter segment) implements Command {}

  private record EndPart(Part part, CompletableFuture<List<Written>> ended) implements Command {}

  private record Close() implements Command {}

  /** The host that {@link #append} expects its records to bear; null where none was told. */
  @Nullable String host() {
    return host;
  }

  /**
   * Queues a record for the segment of its part.
   *
   * @param accepted run once the record counts as kept for the purpose of admitting more: at the
   *     commit where sync is durable, else when it is written (its release then waits for the
   *     segment's end)
   * @return completes when the record is durable; fails with {@link CriaException} when it cannot
   *     be made so
   */
  public CompletableFuture<Void> append(LedgerRecord record, Runnable accepted) {
    CriaException failed = failure;
    if (failed != null) {
      return CompletableFuture.failedFuture(failed);
    }
    CompletableFuture<Void> durable = new CompletableFuture<>();
    byte[] line = LedgerCodec.encodeWithLineFeed(record);
    enqueue(
        new Append(
            Part.of(record.round(), record.row()),
            new SegmentWriter.Line(line, durable, accepted)));
    return durable;
  }

  /** As {@link #append(LedgerRecord, Runnable)} without a notice. */
  public CompletableFuture<Void> append(LedgerRecord record) {
    return append(record, () -> {});
  }

  /**
   * Makes durable what was appended for a part and closes its segment; a record that comes later
   * opens another.
   *
   * @return every segment that this writer has written for it, in order
   * @throws CriaException when the store failed, now or before
   */
  public List<Written> end(Part part) {
    CompletableFuture<List<Written>> ended = new CompletableFuture<>();
    CriaException failed = failure;
    if (failed != null) {
      throw failed;
    }
    enqueue(new EndPart(part, ended));
    try {
      return ended.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof CriaException told ? told : e;
    }
  }

  /** Why nothing more is taken; null while all is well. */
  @Nullable CriaException failure() {
    return failure;
  }

  /** The segments closed so far, by part; all of them once the writer is closed. */
  public Map<Part, List<Written>> written() {
    return new TreeMap<>(written);
  }

  /**
   * Makes what was appended durable and ends all segments.
   *
   * @throws CriaException when the store failed, now or before
   */
  @Override
  public void close() {
    synchronized (admission) {
      if (!closed) {
        closed = true;
        queue.add(new Close());
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

  private void enqueue(Command command) {
    synchronized (admission) {
      if (closed) {
        throw new IllegalStateException("the ledger writer is closed");
      }
      queue.add(command);
    }
  }

  /** Closing seals whatever is open. */
  private void enqueueUnlessClosed(Seal due) {
    synchronized (admission) {
      if (!closed) {
        queue.add(due);
      }
    }
  }

  private void run() {
    // With its whole room from the start: taking from the queue must not run out of memory.
    List<Command> batch = new ArrayList<>(BATCH_MOST);
    do {
      batch.clear();
      take(batch);
      handle(batch);
    } while (!closes(batch));
  }

  private static boolean closes(List<Command> batch) {
    for (Command command : batch) {
      if (command instanceof Close) {
        return true;
      }
    }
    return false;
  }

  private void take(List<Command> batch) {
    try {
      batch.add(queue.take());
    } catch (InterruptedException e) {
      // Nobody but this class knows the thread; it ends by its own command only.
      take(batch);
      return;
    }
    while (batch.size() < BATCH_MOST) {
      Command next = queue.poll();
      if (next == null) {
        return;
      }
      batch.add(next);
    }
  }

  /** Commits; or, once anything has failed, refuses, again until everybody is told. */
  private void handle(List<Command> batch) {
    boolean told = false;
    while (!told) {
      try {
        CriaException failed = failure;
        if (failed == null) {
          commit(batch);
        } else {
          refuse(batch, failed);
        }
        told = true;
      } catch (Throwable e) {
        // An Error too: Hadoop's local file system tells a full disk by one.
        if (failure == null) {
          failure = failure(e);
        }
      }
    }
  }

  private CriaException failure(Throwable cause) {
    try {
      String told = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      String remedy =
          cause instanceof VirtualMachineError
              ? "give the process more memory"
              : "free space or mend the store";
      return new CriaException(
          ExitCode.FAULT,
          "cannot write the ledger, segment "
              + segmentName
              + ": "
              + told
              + ": "
              + remedy
              + ", then give the same command again",
          cause);
    } catch (OutOfMemoryError e) {
      // There is no room for the words either.
      return lastResort;
    }
  }

  private void refuse(List<Command> batch, CriaException failed) {
    for (Command command : batch) {
      if (command instanceof Append append) {
        append.line().refuse(failed);
      } else if (command instanceof EndPart end) {
        end.ended().completeExceptionally(failed);
      }
    }
    for (SegmentWriter segment : open.values()) {
      segment.refuse(failed);
    }
    open.clear();
  }

  private void commit(List<Command> batch) throws IOException {
    Map<Part, List<SegmentWriter.Line>> groups = new LinkedHashMap<>();
    for (Command command : batch) {
      if (command instanceof Append append) {
        groups.computeIfAbsent(append.part(), part -> new ArrayList<>()).add(append.line());
      } else if (command instanceof EndPart end) {
        commitGroups(groups);
        seal(end.part());
        end.ended().complete(written.getOrDefault(end.part(), List.of()));
      } else if (command instanceof Seal due) {
        commitGroups(groups);
        seal(due.segment());
      } else {
        commitGroups(groups);
        for (Part part : List.copyOf(open.keySet())) {
          seal(part);
        }
      }
    }
    commitGroups(groups);
  }

  /** Writes all groups, syncs each segment that keeps them, then releases; and forgets them. */
  private void commitGroups(Map<Part, List<SegmentWriter.Line>> groups) throws IOException {
    List<Part> unsynced = new ArrayList<>();
    for (Map.Entry<Part, List<SegmentWriter.Line>> group : groups.entrySet()) {
      if (write(group.getKey(), group.getValue()).syncIsDurable()) {
        unsynced.add(group.getKey());
      }
    }
    for (Part part : unsynced) {
      segment(part).sync();
    }
    for (Part part : unsynced) {
      groups.getOrDefault(part, List.of()).forEach(SegmentWriter.Line::accept);
      segment(part).release();
      if (segment(part).bytes() >= SEGMENT_BYTES) {
        seal(part);
      }
    }
    groups.clear();
  }

  /** Writes a part's lines; where its sync is not durable, over as many segments as it needs. */
  private SegmentWriter write(Part part, List<SegmentWriter.Line> lines) throws IOException {
    SegmentWriter segment = segment(part);
    if (segment.syncIsDurable()) {
      segment.write(lines);
      return segment;
    }
    int from = 0;
    while (from < lines.size()) {
      segment = segment(part);
      if (segment.unreleased() == 0) {
        Seal due = new Seal(segment);
        schedule.wait(SEAL_AGE, () -> enqueueUnlessClosed(due));
      }
      int to = Math.min(lines.size(), from + SEAL_RECORDS - segment.unreleased());
      segment.write(lines.subList(from, to));
      lines.subList(from, to).forEach(SegmentWriter.Line::accept);
      from = to;
      if (segment.bytes() >= SEGMENT_BYTES || segment.unreleased() >= SEAL_RECORDS) {
        seal(part);
      }
    }
    return segment;
  }

  private SegmentWriter segment(Part part) throws IOException {
    SegmentWriter segment = open.get(part);
    if (segment == null) {
      segmentNumber++;
      segmentName =
          String.format(
              Locale.ROOT, "segment-p%05d-%s-%04d.jsonl", part.number(), writerId, segmentNumber);
      segment = new SegmentWriter(stores.of(part).create(segmentName), segmentName);
      open.put(part, segment);
    }
    segmentName = segment.name();
    return segment;
  }

  private void seal(SegmentWriter due) throws IOException {
    for (Map.Entry<Part, SegmentWriter> each : open.entrySet()) {
      if (each.getValue() == due) {
        seal(each.getKey());
        return;
      }
    }
  }

  /** Closes a part's open segment, if it has one. */
  private void seal(Part part) throws IOException {
    SegmentWriter segment = open.get(part);
    if (segment == null) {
      return;
    }
    segmentName = segment.name();
    Written closing = segment.close();
    List<Written> all = new ArrayList<>(written.getOrDefault(part, List.of()));
    all.add(closing);
    written.put(part, List.copyOf(all));
    open.remove(part);
    segment.release();
  }
}
