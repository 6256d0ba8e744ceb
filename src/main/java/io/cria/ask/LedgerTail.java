package io.cria.ask;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.run.RunProgress;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Follows the ledger while executors write it, and tells the progress from it: what is told is what
 * is durable. A failure to look is no failure of the work; the next look tries again.
 */
final class LedgerTail implements AutoCloseable {
  private static final long LOOK_MILLIS = 1000;

  private final RunDirectory run;
  private final String stage;
  private final List<Integer> rounds;
  private final RunProgress progress;
  private final Map<String, Long> offsets = new HashMap<>();
  private final ScheduledExecutorService looker;
  private long done;
  private double usd;
  private boolean priced;

  LedgerTail(RunDirectory run, String stage, List<Integer> rounds, RunProgress progress) {
    this.run = run;
    this.stage = stage;
    this.rounds = List.copyOf(rounds);
    this.progress = progress;
    skipWritten();
    this.looker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "cria-ledger-tail");
              thread.setDaemon(true);
              return thread;
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // looks until close
  void start() {
    looker.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void skipWritten() {
    for (int round : rounds) {
      for (String segment : LedgerFiles.segments(run, stage, round)) {
        offsets.put(segment, run.size(segment));
      }
    }
  }

  private void look() {
    try {
      for (int round : rounds) {
        for (String segment : LedgerFiles.segments(run, stage, round)) {
          follow(segment);
        }
      }
      progress.advance(done, priced ? usd : null);
    } catch (IOException | CriaException e) {
      System.getLogger(LedgerTail.class.getName())
          .log(System.Logger.Level.DEBUG, "no look at the ledger: {0}", e.getMessage());
    }
  }

  private void follow(String segment) throws IOException {
    long from = offsets.getOrDefault(segment, 0L);
    if (run.size(segment) <= from) {
      return;
    }
    byte[] fresh;
    try (InputStream in = run.open(segment)) {
      in.skipNBytes(from);
      fresh = in.readAllBytes();
    }
    int end = fresh.length;
    while (end > 0 && fresh[end - 1] != '\n') {
      end--;
    }
    offsets.put(segment, from + end);
    LedgerReader.read(new ByteArrayInputStream(fresh, 0, end), segment, this::count);
  }

  private void count(LedgerRecord record) {
    if (record.outcome().isTerminal()) {
      done++;
    }
    Double price = record.usd();
    if (price != null) {
      usd += price;
      priced = true;
    }
  }

  @Override
  public void close() {
    looker.shutdown();
    try {
      looker.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    look();
  }
}
