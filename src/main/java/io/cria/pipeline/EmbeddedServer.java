package io.cria.pipeline;

import io.cria.config.Operation.Endpoint;
import io.cria.task.ChildLines;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The embedded model for the length of one invocation: {@code cria serve} as a child process on a
 * free loopback port. It ends with this process, also when this one is killed.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("(http://127\\.0\\.0\\.1:\\d+/v1)");
  private static final long END_SECONDS = 10;

  /** Before each line that Cria says. */
  private static final String OURS = "cria: ";

  private final Process process;
  private final String baseUrl;

  private EmbeddedServer(Process process, String baseUrl) {
    this.process = process;
    this.baseUrl = baseUrl;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param said told each line of its standard error once it answers; on a thread of its own
   * @throws CriaException when there is no model file, or the server does not start
   */
  static EmbeddedServer start(Endpoint endpoint, String model, Consumer<String> said) {
    Path gguf = gguf(endpoint);
    if (!Files.exists(gguf)) {
      throw CriaException.badInput(
          gguf
              + ": the embedded model is not there: run scripts/fetch-model, or set endpoint.gguf");
    }
    List<String> command = command(gguf, endpoint, model);
    try {
      Process process = new ProcessBuilder(command).start();
      Errors errors = new Errors(process, said);
      String baseUrl = address(process, errors);
      errors.tell();
      return new EmbeddedServer(process, baseUrl);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, "the embedded model's server cannot be started: " + e.getMessage(), e);
    }
  }

  /** The file the run file names, or the small model in the user's cache. */
  static Path gguf(Endpoint endpoint) {
    if (endpoint.gguf() != null) {
      return Path.of(endpoint.gguf());
    }
    String own = System.getenv("CRIA_CACHE");
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path cache =
        own != null
            ? Path.of(own)
            : (xdg != null ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("cria");
    return cache.resolve("models").resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
  }

  private static List<String> command(Path gguf, Endpoint endpoint, String model) {
    String classPath =
        System.getProperty("cria.embedded.classpath", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", classPath));
    command.addAll(List.of("io.cria.cli.Main", "serve", "--gguf", gguf.toString()));
    command.addAll(List.of("--model-name", model, "--port", "0", "--with-parent"));
    if (endpoint.workers() != null) {
      command.addAll(List.of("--workers", endpoint.workers().toString()));
    }
    return command;
  }

  private static String address(Process process, Errors errors) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        return address.group(1);
      }
    }
    throw new CriaException(
        ExitCode.ENDPOINT,
        "the embedded model's server ended before it answered: " + errors.last());
  }

  /** What the child says on its standard error: kept until it answers, then handed on. */
  private static final class Errors {
    private final Consumer<String> said;
    private final List<String> kept = new ArrayList<>();
    private final Thread reader;
    private boolean telling;

    Errors(Process process, Consumer<String> said) {
      this.said = said;
      this.reader =
          ChildLines.read("cria-embedded-messages", process.getErrorStream(), this::heard);
    }

    private synchronized void heard(String line) {
      String words = line.startsWith(OURS) ? line.substring(OURS.length()) : line;
      if (telling) {
        said.accept(words);
      } else {
        kept.add(words);
      }
    }

    synchronized void tell() {
      telling = true;
      kept.forEach(said);
      kept.clear();
    }

    /** The last line of a child that has ended. */
    String last() {
      try {
        reader.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      synchronized (this) {
        return kept.isEmpty()
            ? "it said nothing; try cria serve --gguf with the file"
            : kept.get(kept.size() - 1);
      }
    }
  }

  String baseUrl() {
    return baseUrl;
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
