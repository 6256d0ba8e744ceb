package io.cria.llm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One open segment of a {@link LedgerWriter}. Used by its committing thread. */
final class SegmentWriter {
  /** A record's line on its way. */
  static final class Line {
    private final byte[] bytes;
    private final CompletableFuture<Void> durable;
    private final Runnable accepted;

    /**
     * @param bytes with its line feed
     * @param durable completed when it is durable
     * @param accepted run when it counts as kept
     */
    Line(byte[] bytes, CompletableFuture<Void> durable, Runnable accepted) {
      this.bytes = bytes;
      this.durable = durable;
      this.accepted = accepted;
    }

    void accept() {
      accepted.run();
    }

    void refuse(Throwable failure) {
      durable.completeExceptionally(failure);
    }
  }

  private final SegmentOutput out;
  private final String name;
  private final List<Line> unreleased = new ArrayList<>();
  private long bytes;
  private long records;

  SegmentWriter(SegmentOutput out, String name) {
    this.out = out;
    this.name = name;
  }

  String name() {
    return name;
  }

  boolean syncIsDurable() {
    return out.syncIsDurable();
  }

  /** Bytes written so far. */
  long bytes() {
    return bytes;
  }

  /** Records that are written and neither synced durably nor closed. */
  int unreleased() {
    return unreleased.size();
  }

  void write(List<Line> lines) throws IOException {
    int length = lines.stream().mapToInt(line -> line.bytes.length).sum();
    byte[] group = new byte[length];
    int at = 0;
    for (Line line : lines) {
      System.arraycopy(line.bytes, 0, group, at, line.bytes.length);
      at += line.bytes.length;
    }
    unreleased.addAll(lines);
    out.write(group);
    bytes += length;
    records += lines.size();
  }

  void sync() throws IOException {
    out.sync();
  }

  /** Ends it; what was written is durable then. */
  LedgerWriter.Written close() throws IOException {
    out.close();
    return new LedgerWriter.Written(name, bytes, records);
  }

  /** Tells that what was written is durable. */
  void release() {
    for (Line line : unreleased) {
      line.durable.complete(null);
    }
    unreleased.clear();
  }

  /** Tells that what was written is not durable, and lets go of the output. */
  void refuse(Throwable failure) {
    for (Line line : unreleased) {
      line.refuse(failure);
    }
    unreleased.clear();
    try {
      out.close();
    } catch (IOException | RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }
}
