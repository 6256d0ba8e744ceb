package io.cria.view;

import io.cria.sql.RecordedRule;
import io.cria.sql.RunViews;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.text.Tokenizer;
import java.io.Closeable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A run as it is looked through: each table is read when it is first wanted, once, while others are
 * read too. What the run has committed meanwhile is seen after {@link #readAnew}; whoever reads
 * then goes on with what they have, and the last of them closes it.
 */
public final class ViewedRun implements Closeable {
  private static final Duration LAST_MOMENT = Duration.ofSeconds(5);

  private final SparkSession spark;
  private final RunDirectory run;
  private final Clock clock;
  private final Tokenizer tokenizer;
  private final Object registering = new Object();
  private Tables now = new Tables();
  private boolean isOpen = true;

  /**
   * A table that was read.
   *
   * @param at when
   */
  record Taken(Snapshot snapshot, Instant at, Duration took) {}

  private record Identified(@Nullable Map<String, Object> identity) {}

  /**
   * @throws CriaException when the directory holds no run, or a table was not written whole
   */
  public ViewedRun(SparkSession spark, RunDirectory run, Clock clock) {
    RunViews.register(spark, run);
    this.spark = spark;
    this.run = run;
    this.clock = clock;
    this.tokenizer = Tokenizer.named(tokenizer(run));
  }

  /** The tokens of the run's similarity rule. */
  private static String tokenizer(RunDirectory run) {
    return RecordedRule.tokenizer(
        Json.read(run.text("run.json").orElse("{}"), Identified.class).identity());
  }

  /**
   * The tables as they are now. They stay until the reading is closed, whatever is read anew
   * meanwhile.
   */
  synchronized Reading reading() {
    requireOpen();
    now.readers++;
    return new Reading(now);
  }

  private void requireOpen() {
    if (!isOpen) {
      throw new CriaException(ExitCode.STOPPED, "the view is closed");
    }
  }

  private synchronized void left(Tables tables) {
    tables.readers--;
    if (tables != now) {
      tables.closeUnread();
    }
    notifyAll();
  }

  /** Tables are read again by who comes now, as the run is then. */
  void readAnew() {
    synchronized (registering) {
      RunViews.register(spark, run);
    }
    synchronized (this) {
      requireOpen();
      Tables before = now;
      now = new Tables();
      before.closeUnread();
    }
  }

  /** Ends it. Who still reads has a moment: their server has told them to end. */
  @Override
  public synchronized void close() {
    isOpen = false;
    long end = System.nanoTime() + LAST_MOMENT.toNanos();
    try {
      for (long left = LAST_MOMENT.toNanos(); now.readers > 0 && left > 0; ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    now.close();
  }

  /** Tables that were read between one look at the run and the next. */
  private static final class Tables {
    /** Guarded by the run's monitor. */
    private int readers;

    private final Map<ViewedTable, CompletableFuture<Taken>> taken = new ConcurrentHashMap<>();

    void closeUnread() {
      if (readers == 0) {
        close();
      }
    }

    void close() {
      taken.values().stream()
          .filter(one -> one.isDone() && !one.isCompletedExceptionally())
          .forEach(one -> one.join().snapshot().close());
      taken.clear();
    }
  }

  /** Somebody who reads; to be closed, and used by one thread. */
  final class Reading implements Closeable {
    private final Tables tables;
    private boolean isClosed;

    private Reading(Tables tables) {
      this.tables = tables;
    }

    SparkSession spark() {
      return spark;
    }

    RunDirectory run() {
      return run;
    }

    Tokenizer tokenizer() {
      return tokenizer;
    }

    Snapshot snapshot(ViewedTable table) {
      return table(table).snapshot();
    }

    /** A table; whoever comes while this very one is read waits. */
    Taken table(ViewedTable table) {
      CompletableFuture<Taken> own = new CompletableFuture<>();
      CompletableFuture<Taken> first = tables.taken.putIfAbsent(table, own);
      if (first == null) {
        complete(own, table);
      }
      CompletableFuture<Taken> one = first == null ? own : first;
      try {
        return one.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CriaException(ExitCode.STOPPED, "the view: interrupted", e);
      } catch (ExecutionException e) {
        tables.taken.remove(table, one); // whoever comes next tries again
        throw failed(table, e.getCause() == null ? e : e.getCause());
      }
    }

    private static RuntimeException failed(ViewedTable table, Throwable cause) {
      if (cause instanceof Error error) {
        throw error;
      }
      return cause instanceof RuntimeException told
          ? told
          : new CriaException(
              ExitCode.FAULT,
              "the table "
                  + table.word()
                  + " cannot be read ("
                  + cause.getMessage()
                  + "): cria verify tells what is wrong with the run",
              cause);
    }

    @Override
    public void close() {
      if (!isClosed) {
        isClosed = true;
        left(tables);
      }
    }
  }

  private void complete(CompletableFuture<Taken> taken, ViewedTable table) {
    try {
      Instant begun = clock.instant();
      Snapshot snapshot = table.read(spark);
      taken.complete(new Taken(snapshot, begun, Duration.between(begun, clock.instant())));
    } catch (Throwable e) {
      // Throwable: whoever waits must be told, also of Spark's checked exceptions and of Errors
      taken.completeExceptionally(e);
    }
  }
}
