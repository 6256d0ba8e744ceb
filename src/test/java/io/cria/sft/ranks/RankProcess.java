package io.cria.sft.ranks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A rank's own process, as the training stage starts one, with what it has told so far. */
public final class RankProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedWriter commands;
  private final Path errors;
  private final boolean keeps;
  private final List<RankEvent> events = new ArrayList<>();
  private boolean over;
  private volatile boolean closed;

  private RankProcess(Process process, Path errors, boolean keeps) {
    this.process = process;
    this.errors = errors;
    this.keeps = keeps;
    commands = process.outputWriter();
    Thread reader = new Thread(this::read, "rank-events");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts the process.
   *
   * @param folder for its job and what it prints for people
   * @param keeps whether checkpoints are said to be kept as soon as they are told
   */
  public static RankProcess start(Path folder, RankJob job, boolean keeps) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.writeString(folder.resolve("job-" + job.rank() + ".json"), job.json());
    Path errors = folder.resolve("errors-" + job.rank() + ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            RankMain.class.getName(),
            file.toString());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("OPENBLAS_NUM_THREADS", "1");
    builder.redirectError(Redirect.to(new File(errors.toString())));
    return new RankProcess(builder.start(), errors, keeps);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Optional<RankEvent> event = RankEvent.read(line);
        if (event.isPresent()) {
          add(event.get());
        }
      }
    } catch (IOException e) {
      if (!closed) {
        throw new UncheckedIOException(e);
      }
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
      }
    }
  }

  private void add(RankEvent event) {
    if (keeps && event instanceof RankEvent.Checkpoint checkpoint) {
      send(new RankCommand.Kept(checkpoint.step()));
    }
    synchronized (this) {
      events.add(event);
      notifyAll();
    }
  }

  /** Writes a command; to a process that has ended, nothing. */
  public void send(RankCommand command) {
    try {
      commands.write(command.toLine() + "\n");
      commands.flush();
    } catch (IOException e) {
      if (process.isAlive()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Closes its input, as a parent does that dies. */
  public void hangUp() throws IOException {
    commands.close();
  }

  /** Its first event of that kind that fits, waited for. */
  public <T extends RankEvent> T await(Class<T> kind, Predicate<T> fits) {
    return find(kind, fits)
        .orElseThrow(() -> new AssertionError("no such event: " + events + printed()));
  }

  private synchronized <T extends RankEvent> Optional<T> find(Class<T> kind, Predicate<T> fits) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    int next = 0;
    while (true) {
      for (; next < events.size(); next++) {
        if (kind.isInstance(events.get(next)) && fits.test(kind.cast(events.get(next)))) {
          return Optional.of(kind.cast(events.get(next)));
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (over || left <= 0) {
        return Optional.empty();
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  public RankEvent.Ready awaitReady() {
    return await(RankEvent.Ready.class, event -> true);
  }

  public RankEvent.End awaitEnd() {
    return await(RankEvent.End.class, event -> true);
  }

  /** The process's exit code, waited for. */
  public int awaitExit() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("rank does not end: " + events + printed());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /** What it has printed for people. */
  public String printed() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process if it still runs, stopped or not. */
  @Override
  public void close() {
    closed = true;
    process.destroyForcibly();
  }
}
