package io.cria.pipeline;

import io.cria.task.ChildLines;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code cria generate} as a child process: libtorch stays out of the driver, on whose class path
 * it is not, and what it does to memory ends with it. It writes a line an answer, batch by batch,
 * and ends with this process, also when this one is killed, because its standard input closes then.
 */
final class EngineProcess implements AutoCloseable {
  /** Names the jars of the engine, set by whoever starts the driver. */
  private static final String CLASS_PATH = "cria.train.classpath";

  /** Its heap, as java's -Xmx has it; see scripts/cria. */
  private static final String HEAP = "CRIA_ENGINE_HEAP";

  private static final String STANDARD_HEAP = "4g";

  /** As scripts/cria sets it for the engine: see there. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "OMP_NUM_THREADS", "1",
          "OPENBLAS_NUM_THREADS", "1",
          "MALLOC_MMAP_MAX_", "0",
          "MALLOC_TRIM_THRESHOLD_", "100000000000",
          "MALLOC_TOP_PAD_", "268435456",
          "MALLOC_ARENA_MAX", "1");

  /** Codes of a process that a signal ended: 128 and the number of SIGINT or SIGTERM, and ours. */
  private static final List<Integer> SIGNALLED = List.of(130, 143, ExitCode.STOPPED.code());

  private static final long END_SECONDS = 10;

  private final Process process;
  private final String name;
  private final LinkedBlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private volatile String last = "";

  private EngineProcess(Process process, String name, Consumer<String> said) {
    this.process = process;
    this.name = name;
    ChildLines.read(
        "cria-engine-answers " + name,
        process.getInputStream(),
        line -> lines.add(Optional.of(line)),
        () -> lines.add(Optional.empty()));
    ChildLines.read(
        "cria-engine-messages " + name, process.getErrorStream(), line -> said(line, said));
  }

  /**
   * Starts it.
   *
   * @param name of the answerer, for messages
   * @param arguments of {@code cria generate}
   * @param said told each line of its standard error
   */
  static EngineProcess start(String name, List<String> arguments, Consumer<String> said) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx" + heap(System.getenv(HEAP)),
            "-Dfile.encoding=UTF-8",
            "-Dslf4j.internal.verbosity=ERROR",
            // native memory is the model's; the heap says nothing about it
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty(CLASS_PATH, System.getProperty("java.class.path")),
            "io.cria.cli.Main",
            "generate",
            "--with-parent"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
    // options meant for Spark's own processes
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    try {
      return new EngineProcess(builder.start(), name, said);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, name + ": the engine's process cannot be started: " + e.getMessage(), e);
    }
  }

  /**
   * Room for a model's file on its way to where the engine keeps its weights.
   *
   * @param given by the user; null where nothing is
   * @throws CriaException (bad input) where it is no size
   */
  static String heap(@Nullable String given) {
    if (given == null || given.isEmpty()) {
      return STANDARD_HEAP;
    }
    if (!given.matches("[1-9][0-9]*[kmgKMG]")) {
      throw CriaException.badInput(
          HEAP + "=" + given + ": this is no size: write a number with k, m or g, such as 8g");
    }
    return given;
  }

  private void said(String line, Consumer<String> said) {
    String text = line.replaceFirst("^cria: ", "");
    last = text;
    said.accept(name + ": " + text);
  }

  /**
   * The next answer's line; empty after the last one.
   *
   * @param waiting called some times a second while none is there; what it throws ends the wait
   */
  Optional<String> next(Runnable waiting) {
    try {
      while (true) {
        Optional<String> line = lines.poll(200, TimeUnit.MILLISECONDS);
        if (line != null) {
          return line;
        }
        waiting.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, name + ": interrupted", e);
    }
  }

  /**
   * Waits for its end.
   *
   * @param whole whether every question has its line: then one that could not be asked is no
   *     failure of the process
   * @throws CriaException when it failed
   */
  void requireWell(boolean whole) {
    int code;
    try {
      code = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, name + ": interrupted", e);
    }
    if (whole && (code == ExitCode.DONE.code() || code == ExitCode.BAD_INPUT.code())) {
      return;
    }
    if (SIGNALLED.contains(code)) {
      throw new CriaException(
          ExitCode.STOPPED,
          name + ": the engine was stopped; what it answered is kept: give the command again");
    }
    throw new CriaException(
        code == ExitCode.BAD_INPUT.code() ? ExitCode.BAD_INPUT : ExitCode.FAULT,
        name
            + ": the engine ended before it had answered (exit code "
            + code
            + (last.isEmpty() ? ")" : "): " + last));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
