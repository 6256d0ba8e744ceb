package io.cria.train;

import io.cria.sft.ranks.RankCommand;
import io.cria.sft.ranks.RankEvent;
import io.cria.task.ChildLines;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;
import org.jspecify.annotations.Nullable;

/**
 * The process of a rank: commands go in as JSON lines, events come out so, and what it says on
 * standard error is told line by line. It ends with its parent, whose end closes its standard
 * input, and when it is closed.
 */
final class RankProcess implements AutoCloseable {
  private static final int LAST_LINES = 5;
  private static final long GRACE_SECONDS = 5;

  /**
   * When this process is told to end: after a driver's own hook, which drains the ranks (of
   * priority 1000), and before Spark's (below 100).
   */
  private static final int AFTER_DRAINING = 500;

  private final Process process;
  private final OutputStream commands;
  private final BlockingQueue<RankEvent> events = new LinkedBlockingQueue<>();
  private final Consumer<String> log;
  private final Deque<String> last = new ArrayDeque<>();
  private final Thread reader;
  private final Thread errors;
  private final Thread hook;

  private RankProcess(Process process, String name, Consumer<String> log) {
    this.process = process;
    this.commands = process.getOutputStream();
    this.log = log;
    this.reader = ChildLines.read(name + " events", process.getInputStream(), this::heard);
    this.errors = ChildLines.read(name + " errors", process.getErrorStream(), this::said);
    this.hook = new Thread(process::destroyForcibly, name + " end");
  }

  /**
   * Starts it.
   *
   * @param name of its threads
   * @param log told each line of standard error
   */
  static RankProcess start(ProcessBuilder builder, String name, Consumer<String> log)
      throws IOException {
    RankProcess started = new RankProcess(builder.start(), name, log);
    try {
      ShutdownHookManager.get().addShutdownHook(started.hook, AFTER_DRAINING);
    } catch (IllegalStateException e) {
      // this process is ending: nobody else would end the one just started
      started.process.destroyForcibly();
      throw new IOException("this process is ending", e);
    }
    return started;
  }

  /** What is no event was printed by a library. */
  private void heard(String line) {
    RankEvent.read(line).ifPresentOrElse(events::add, () -> said(line));
  }

  private void said(String line) {
    synchronized (last) {
      last.addLast(line);
      if (last.size() > LAST_LINES) {
        last.removeFirst();
      }
    }
    log.accept(line);
  }

  /** The next event; null where none came in that time. */
  @Nullable RankEvent event(long millis) throws InterruptedException {
    return events.poll(millis, TimeUnit.MILLISECONDS);
  }

  /** Whether it has ended, and all it said is heard. */
  boolean hasEnded() {
    return !process.isAlive() && !reader.isAlive() && events.isEmpty();
  }

  /** Tells it something; one that has ended tells so by its events. */
  synchronized void send(RankCommand command) {
    try {
      commands.write((command.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
      commands.flush();
    } catch (IOException e) {
      System.getLogger(RankProcess.class.getName())
          .log(System.Logger.Level.DEBUG, "not told: {0}", e.getMessage());
    }
  }

  /** How it ended without saying so, with its last words. */
  String lastWords() throws InterruptedException {
    errors.join(TimeUnit.SECONDS.toMillis(1));
    int code = process.exitValue();
    synchronized (last) {
      return (code > 128 ? "was killed by signal " + (code - 128) : "ended with code " + code)
          + (last.isEmpty() ? "" : "; its last words: " + String.join(" | ", last));
    }
  }

  long pid() {
    return process.pid();
  }

  /** Ends it: by the end of its input, and by force where it does not heed that. */
  @Override
  public void close() {
    try {
      closeInput();
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      errors.join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } finally {
      forgetHook();
    }
  }

  private void closeInput() {
    try {
      commands.close();
    } catch (IOException e) {
      System.getLogger(RankProcess.class.getName())
          .log(System.Logger.Level.DEBUG, "it ended before: {0}", e.getMessage());
    }
  }

  private void forgetHook() {
    try {
      ShutdownHookManager.get().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // this process ends at this very moment: the hook runs, and finds the end
      System.getLogger(RankProcess.class.getName())
          .log(System.Logger.Level.DEBUG, "shutting down", e);
    }
  }
}
