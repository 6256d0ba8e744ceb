package io.cria.serve.embedded;

import io.cria.serve.embedded.Wire.Answer;
import io.cria.serve.embedded.Wire.Ask;
import io.cria.serve.embedded.Wire.Hello;
import io.cria.serve.embedded.Wire.Order;
import io.cria.serve.embedded.Wire.Ready;
import io.cria.serve.embedded.Wire.Said;
import io.cria.serve.embedded.Wire.Start;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator.PromptTooLongException;
import io.cria.task.TextListener;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The process that holds one model and answers one request after the other. It speaks over a
 * loopback socket, since native code writes on its standard output, and it ends with its parent:
 * when standard input closes, when the parent process is gone, or when the socket closes.
 */
public final class Worker {
  private Worker() {}

  /** Reads a {@link Start} from standard input; never returns normally. */
  public static void main(String[] args) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = input.readLine();
    if (line == null) {
      Runtime.getRuntime().halt(2);
      return;
    }
    Start start = Wire.start(line);
    endWithParent(input, start);
    int code = 1;
    try {
      serve(start);
      code = 0;
    } catch (IOException e) {
      System.err.println("cria worker: the server is gone: " + e);
    } finally {
      end(start, code);
    }
  }

  private static void serve(Start start) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), start.port());
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
      socket.setTcpNoDelay(true);
      Wire.write(out, new Hello(start.token()));
      LlamaGenerator generator;
      try {
        generator = load(start);
      } catch (CriaException e) {
        Wire.write(out, new Ready(e.getMessage()));
        return;
      } catch (RuntimeException | Error e) {
        // such as a library that cannot be loaded; this process's output goes with its folder
        Wire.write(out, new Ready(failure(start, e)));
        return;
      }
      Wire.write(out, new Ready(null));
      while (true) {
        Ask ask = Wire.read(in, Order.class).ask();
        if (ask != null) {
          Wire.write(out, new Said("", answer(generator, ask, new Teller(in, out))));
        }
      }
    }
  }

  private static String failure(Start start, Throwable e) {
    return "llama.cpp cannot be begun, "
        + start.gguf()
        + " ("
        + e.toString().replaceAll("\\s+", " ")
        + "): "
        + WorkerProcess.remedy(Path.of(start.directory()));
  }

  private static LlamaGenerator load(Start start) {
    Path gguf = Path.of(start.gguf());
    LlamaGenerator generator =
        new LlamaGenerator(gguf, GgufHeader.read(gguf), start.modelName(), start.contextLength());
    // A vocabulary that cannot spell every text ends the process at its first prompt: better now
    // than in a request.
    Decoding one = new Decoding(1, 0.0, null, null, null, null, null, List.of(), Map.of(), 1L);
    generator.generate(new Ask("a\n\u00e9 1", false, one, false, null), more -> true);
    return generator;
  }

  private static Answer answer(LlamaGenerator generator, Ask ask, Teller teller)
      throws IOException {
    try {
      return new Answer(generator.generate(ask, teller), null, null, null);
    } catch (PromptTooLongException e) {
      return new Answer(null, e.getMessage(), null, null);
    } catch (CriaException e) {
      return new Answer(null, null, e.getMessage(), null);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      return new Answer(null, null, null, e.toString());
    }
  }

  /** Tells the server what is written, and hears whether it wants more. */
  private static final class Teller implements TextListener {
    private final DataInputStream in;
    private final DataOutputStream out;

    Teller(DataInputStream in, DataOutputStream out) {
      this.in = in;
      this.out = out;
    }

    @Override
    public boolean hear(String more) {
      try {
        Wire.write(out, new Said(more, null));
        // nothing but a stop can come while a request is at work
        return in.available() == 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void endWithParent(BufferedReader input, Start start) {
    endAfter(
        "cria-parent-input",
        start,
        () -> {
          try {
            while (input.readLine() != null) {
              // Nothing more is said here; only the end matters.
            }
          } catch (IOException e) {
            System.err.println("cria worker: standard input failed: " + e);
          }
        });
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> endAfter("cria-parent-exit", start, () -> parent.onExit().join()));
  }

  private static void endAfter(String name, Start start, Runnable wait) {
    Thread watch =
        new Thread(
            () -> {
              wait.run();
              end(start, 0);
            },
            name);
    watch.setDaemon(true);
    watch.start();
  }

  /**
   * Without shutdown hooks and native destructors, which may hang or crash beside a request at
   * work.
   */
  private static void end(Start start, int code) {
    WorkerProcess.removeDirectory(Path.of(start.directory()));
    Runtime.getRuntime().halt(code);
  }
}
