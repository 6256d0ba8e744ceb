package io.cria.serve.embedded;

import io.cria.serve.Backend.UnavailableException;
import io.cria.serve.embedded.Wire.Answer;
import io.cria.serve.embedded.Wire.Ask;
import io.cria.serve.embedded.Wire.Hello;
import io.cria.serve.embedded.Wire.Order;
import io.cria.serve.embedded.Wire.Ready;
import io.cria.serve.embedded.Wire.Said;
import io.cria.serve.embedded.Wire.Start;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.TextListener;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running {@link Worker}, seen from the server. Not thread-safe: one caller at a time. */
final class WorkerProcess implements AutoCloseable {
  private static final int ACCEPT_POLL_MILLIS = 100;

  /** The exit value of a process that was ended by SIGKILL. */
  private static final int KILLED = 128 + 9;

  private static final SecureRandom TOKENS = new SecureRandom();

  /** Ctrl-C reaches the whole group of a terminal: what is in flight is to be finished first. */
  private static final String UNDISTURBED = "trap '' INT; exec \"$@\"";

  private final Process process;
  private final Path directory;
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  private WorkerProcess(Process process, Path directory, Socket socket) throws IOException {
    this.process = process;
    this.directory = directory;
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /**
   * Starts a worker with this JVM's class path and waits until its model is loaded.
   *
   * @throws CriaException when the process or its model cannot be started
   */
  static WorkerProcess start(Path gguf, String modelName, int contextLength) {
    try {
      Path directory = Files.createTempDirectory("cria-worker-");
      try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
        listener.setSoTimeout(ACCEPT_POLL_MILLIS);
        byte[] token = new byte[16];
        TOKENS.nextBytes(token);
        Start start =
            new Start(
                listener.getLocalPort(),
                HexFormat.of().formatHex(token),
                gguf.toAbsolutePath().toString(),
                modelName,
                contextLength,
                directory.toString());
        return connect(launch(directory, start), directory, listener, start);
      } catch (IOException | RuntimeException | Error e) {
        removeDirectory(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot start a worker process, "
              + gguf
              + " ("
              + e.getMessage()
              + "): look whether "
              + java()
              + " runs and java.io.tmpdir, "
              + System.getProperty("java.io.tmpdir")
              + ", can be written and has room",
          e);
    }
  }

  private static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static Process launch(Path directory, Start start) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh",
            "-c",
            UNDISTURBED,
            "sh",
            java().toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + directory.resolve("crash.log"),
            "-Dde.kherud.llama.tmpdir=" + directory,
            Worker.class.getName());
    builder.environment().put("CLASSPATH", absoluteClassPath());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("worker.log").toFile());
    Process process = builder.start();
    process.getOutputStream().write((Wire.toLine(start) + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return process;
  }

  /** The worker works in another folder: relative entries would be lost there. */
  private static String absoluteClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static WorkerProcess connect(
      Process process, Path directory, ServerSocket listener, Start start) throws IOException {
    try {
      WorkerProcess worker = accept(process, directory, listener, start);
      Ready ready = Wire.read(worker.in, Ready.class);
      String failure = ready.failure();
      if (failure != null) {
        worker.close();
        throw CriaException.badInput(failure);
      }
      return worker;
    } catch (EOFException e) {
      throw died(process, directory, start);
    } catch (IOException | RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static WorkerProcess accept(
      Process process, Path directory, ServerSocket listener, Start start) throws IOException {
    while (true) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        WorkerProcess worker = new WorkerProcess(process, directory, socket);
        if (Wire.read(worker.in, Hello.class).token().equals(start.token())) {
          return worker;
        }
        socket.close();
      } catch (SocketTimeoutException e) {
        if (!process.isAlive()) {
          throw died(process, directory, start);
        }
      }
    }
  }

  private static CriaException died(Process process, Path directory, Start start) {
    Integer exitValue = exitValue(process);
    return ended(
        Path.of(start.gguf()), exitValue, lastWords(directory.resolve("worker.log")), directory);
  }

  /** What the process ended with by itself; null where it has to be ended. */
  private static @Nullable Integer exitValue(Process process) {
    try {
      if (process.waitFor(2, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return null;
  }

  /**
   * What became of a worker that was to load its model.
   *
   * @param words what it wrote
   * @param directory it worked in
   */
  static CriaException ended(Path gguf, @Nullable Integer exitValue, String words, Path directory) {
    if (exitValue != null && exitValue == KILLED) {
      return CriaException.badInput(
          "the worker process was killed while loading the model, "
              + gguf
              + " (exit value "
              + exitValue
              + "), as a system does that runs out of memory: give fewer --workers or a smaller"
              + " --context, or the machine or container more memory");
    }
    return CriaException.badInput(
        "the worker process ended while loading the model, "
            + gguf
            + " ("
            + (exitValue == null ? "without an exit value" : "exit value " + exitValue)
            + (words.isEmpty() ? ", without a word" : "; " + words)
            + "): "
            + remedy(directory));
  }

  /** What may help where llama.cpp does not come up. */
  static String remedy(Path directory) {
    return "give another GGUF file, or look whether java.io.tmpdir, "
        + directory.getParent()
        + ", has room and lets programs run: llama.cpp's library is unpacked there";
  }

  private static String lastWords(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return lines.stream()
          .filter(
              line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("Extracted "))
          .map(String::strip)
          .limit(3)
          .collect(Collectors.joining(" "));
    } catch (IOException e) {
      return "its output cannot be read: " + e;
    }
  }

  /**
   * Has one request answered. An interrupted thread ends the answer as its listener does, and stays
   * interrupted.
   *
   * @param listener called for every token; what it throws ends the answer and is thrown then, but
   *     an error, which is thrown at once and leaves the worker at work
   * @throws UnavailableException when the worker dies over it
   */
  Answer ask(Ask ask, TextListener listener) {
    try {
      Wire.write(out, new Order(ask));
      Hearing hearing = new Hearing(listener);
      while (true) {
        Said said = Wire.read(in, Said.class);
        Answer answer = said.answer();
        if (answer != null) {
          return hearing.end(answer);
        }
        if (hearing.isLast(said.more())) {
          Wire.write(out, Order.STOP);
        }
      }
    } catch (IOException e) {
      process.destroyForcibly();
      throw new UnavailableException(
          "the worker process at work on this request died: send it again", 1);
    }
  }

  /** What a listener makes of one answer. */
  private static final class Hearing {
    private final TextListener listener;
    private boolean over;
    private @Nullable RuntimeException failure;

    Hearing(TextListener listener) {
      this.listener = listener;
    }

    /** Whether this, and nothing before it, is the last that is wanted. */
    boolean isLast(String more) {
      if (over) {
        return false;
      }
      try {
        over = Thread.currentThread().isInterrupted() || !listener.hear(more);
      } catch (RuntimeException e) {
        failure = e;
        over = true;
      }
      return over;
    }

    Answer end(Answer answer) {
      if (failure != null) {
        throw failure;
      }
      return answer;
    }
  }

  long pid() {
    return process.pid();
  }

  /** Ends the process at once. */
  void kill() {
    process.destroyForcibly();
  }

  CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /** Ends the process and removes its folder. */
  @Override
  public void close() {
    try (socket) {
      process.getOutputStream().close();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      process.destroyForcibly();
    }
    removeDirectory(directory);
  }

  /** Both ends call it, the server last: what is gone already is no error. */
  static void removeDirectory(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      if (Files.exists(directory)) {
        System.err.println(
            "cria: cannot remove " + directory + " (" + e.getMessage() + "): remove it by hand");
      }
    }
  }
}
