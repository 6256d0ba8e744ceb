package io.cria.sft.ranks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines between a rank's process and the process that started it. When the parent is gone, so
 * is this process: nobody would take what it makes.
 */
final class ParentLink {
  private static final int ORPHAN_CODE = 1;

  private final PrintStream out;
  private final Set<Integer> unkept = new HashSet<>();
  private RankCommand.@Nullable Go go;
  private volatile boolean stopRequested;

  ParentLink(InputStream in, PrintStream out) {
    this.out = out;
    Thread reader = new Thread(() -> listen(in), "parent");
    reader.setDaemon(true);
    reader.start();
  }

  private void listen(InputStream in) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(RankCommand.read(line));
      }
      System.err.println("cria: the parent process is gone: this rank ends");
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("cria: cannot read the parent's commands (" + e.getMessage() + ")");
    }
    Runtime.getRuntime().halt(ORPHAN_CODE);
  }

  private synchronized void take(RankCommand command) {
    if (command instanceof RankCommand.Go now) {
      go = now;
    } else if (command instanceof RankCommand.Kept kept) {
      unkept.remove(kept.step());
    } else {
      stopRequested = true;
    }
    notifyAll();
  }

  /** Waits for the word that all ranks are ready. */
  synchronized RankCommand.Go awaitGo() {
    await(() -> go != null);
    return Objects.requireNonNull(go);
  }

  boolean isStopRequested() {
    return stopRequested;
  }

  synchronized void tell(RankEvent event) {
    out.println(event.toLine());
    out.flush();
  }

  /** Tells of a checkpoint, which is not to be removed before the parent has kept it. */
  synchronized void saved(int step, String path) {
    unkept.add(step);
    tell(new RankEvent.Checkpoint(step, path));
  }

  /** Waits until the parent has kept every checkpoint. */
  synchronized void awaitKept() {
    await(unkept::isEmpty);
  }

  private synchronized void await(BooleanSupplier come) {
    try {
      while (!come.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the parent", e);
    }
  }

  /**
   * The last line, and the end of the process, whatever its other threads do; who comes second
   * waits for that end.
   */
  synchronized void leave(RankEvent.End end) {
    tell(end);
    System.err.flush();
    Runtime.getRuntime().halt(end.code());
  }
}
