package io.cria.llm.fake;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.SegmentOutput;
import io.cria.llm.SegmentStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ledger segments in memory, which tells what a crash would leave: the bytes made durable by sync
 * (where it is) or close. Thread-safe.
 */
public final class MemoryStore implements SegmentStore {
  private final boolean syncIsDurable;
  private final Map<String, Segment> segments = new LinkedHashMap<>();
  private long bytesLeft = Long.MAX_VALUE;
  private int syncs;

  public MemoryStore() {
    this(true);
  }

  public MemoryStore(boolean syncIsDurable) {
    this.syncIsDurable = syncIsDurable;
  }

  /** From now on the store takes so many bytes more, then fails as a full disk does. */
  public synchronized void fullAfter(long bytes) {
    bytesLeft = bytes;
  }

  /** Segment names and the bytes that a crash now would leave. */
  public synchronized Map<String, byte[]> segments() {
    Map<String, byte[]> durable = new LinkedHashMap<>();
    segments.forEach((name, segment) -> durable.put(name, segment.durable()));
    return durable;
  }

  /** How often a segment was synced. */
  public synchronized int syncs() {
    return syncs;
  }

  /** All segments as one text. */
  public String text() {
    StringBuilder text = new StringBuilder();
    segments().values().forEach(bytes -> text.append(new String(bytes, StandardCharsets.UTF_8)));
    return text.toString();
  }

  /** The durable records in the order of segments and lines. */
  public List<LedgerRecord> records() {
    List<LedgerRecord> records = new ArrayList<>();
    segments()
        .forEach(
            (name, bytes) -> {
              try {
                LedgerReader.read(new ByteArrayInputStream(bytes), name, records::add);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return records;
  }

  @Override
  public synchronized SegmentOutput create(String segmentName) throws IOException {
    Segment segment = new Segment();
    if (segments.putIfAbsent(segmentName, segment) != null) {
      throw new IOException("segment exists: " + segmentName);
    }
    return segment;
  }

  private final class Segment implements SegmentOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int durableLength;

    byte[] durable() {
      return Arrays.copyOf(bytes.toByteArray(), durableLength);
    }

    @Override
    public void write(byte[] more) throws IOException {
      synchronized (MemoryStore.this) {
        if (more.length > bytesLeft) {
          bytes.write(more, 0, (int) bytesLeft);
          bytesLeft = 0;
          throw new IOException("No space left on device");
        }
        bytesLeft -= more.length;
        bytes.writeBytes(more);
      }
    }

    @Override
    public void sync() {
      synchronized (MemoryStore.this) {
        syncs++;
        if (syncIsDurable) {
          durableLength = bytes.size();
        }
      }
    }

    @Override
    public boolean syncIsDurable() {
      return syncIsDurable;
    }

    @Override
    public void close() {
      synchronized (MemoryStore.this) {
        durableLength = bytes.size();
      }
    }
  }
}
