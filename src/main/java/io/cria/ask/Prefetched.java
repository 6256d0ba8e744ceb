package io.cria.ask;

import io.cria.llm.LlmRequest;
import java.io.Closeable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests read ahead by a thread of their own: opening the next part's file does not hold up the
 * thread that keeps the window full.
 */
final class Prefetched implements Iterator<LlmRequest>, AutoCloseable {
  private static final int AHEAD = 512;
  private static final long LOOK_MILLIS = 50;

  private final ArrayBlockingQueue<Item> queue = new ArrayBlockingQueue<>(AHEAD);
  private final Thread reader;
  private volatile boolean closed;
  private @Nullable Item next;

  /** Where requests come from; used by one thread. */
  interface Source extends Closeable {
    /** The next request; null at the end. */
    @Nullable LlmRequest next();

    @Override
    void close();
  }

  /** A request; the end; or why there are no more. */
  private record Item(@Nullable LlmRequest request, @Nullable Throwable failure) {}

  Prefetched(Supplier<Source> source) {
    this.reader = new Thread(() -> read(source), "cria-requests");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(Supplier<Source> source) {
    try {
      try (Source opened = source.get()) {
        LlmRequest request = opened.next();
        while (request != null && put(new Item(request, null))) {
          request = opened.next();
        }
        boolean unused = put(new Item(null, null));
      } catch (RuntimeException | Error e) {
        boolean unused = put(new Item(null, e));
      }
    } catch (InterruptedException e) {
      // the process ends: nobody waits for more
      return;
    }
  }

  /** Waits for room; false when nobody wants more. Not by an interrupt: that would close files. */
  private boolean put(Item item) throws InterruptedException {
    boolean taken = false;
    while (!closed && !taken) {
      taken = queue.offer(item, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return taken;
  }

  @Override
  public boolean hasNext() {
    return item().request() != null;
  }

  @Override
  public LlmRequest next() {
    LlmRequest request = item().request();
    if (request == null) {
      throw new NoSuchElementException("no further request");
    }
    next = null;
    return request;
  }

  private Item item() {
    Item taken = next;
    if (taken == null) {
      try {
        taken = queue.take();
      } catch (InterruptedException e) {
        throw AskTask.interrupted(e);
      }
      next = taken;
    }
    if (taken.failure() instanceof Error error) {
      throw error;
    }
    if (taken.failure() instanceof RuntimeException failure) {
      throw failure;
    }
    return taken;
  }

  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
