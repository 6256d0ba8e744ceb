package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.cli.Main;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GGUF files as answerers, behind a process that stands for the server of ours. */
class GgufAnswersTest {
  private static final String CLASS_PATH = "cria.embedded.classpath";

  /**
   * Stands for {@code cria serve --gguf FILE … --with-parent}: answers as the file's name says, and
   * notes beside the file how it was started. A file called broken is none.
   */
  private static final String SERVER =
      """
      package io.cria.cli;

      import com.sun.net.httpserver.HttpServer;
      import java.net.InetSocketAddress;
      import java.nio.charset.StandardCharsets;
      import java.nio.file.*;
      import java.util.List;

      public class Main {
        public static void main(String[] args) throws Exception {
          List<String> words = List.of(args);
          Path file = Path.of(words.get(words.indexOf("--gguf") + 1));
          String name = file.getFileName().toString().replace(".gguf", "");
          Files.writeString(
              file.resolveSibling(name + ".started"),
              String.join(" ", words.subList(3, words.size())) + "\\n",
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
          if (name.equals("broken")) {
            System.err.println("cria: no weights here");
            System.exit(2);
          }
          HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
          server.createContext(
              "/v1/chat/completions",
              exchange -> {
                exchange.getRequestBody().readAllBytes();
                byte[] answer =
                    ("{\\"id\\": \\"x\\", \\"model\\": \\"m\\", \\"choices\\": [{\\"message\\": {\\"content\\": \\"as "
                            + name
                            + " says\\"}, \\"finish_reason\\": \\"stop\\"}], \\"usage\\":"
                            + " {\\"prompt_tokens\\": 5, \\"completion_tokens\\": 3}}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
              });
          server.start();
          System.out.println("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
          System.in.transferTo(java.io.OutputStream.nullOutputStream());
          System.exit(0);
        }
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void compileTheServer() throws IOException {
    LocalSpark.session();
    Path source = Files.createDirectories(folder.resolve("source/io/cria/cli"));
    Files.writeString(source.resolve("Main.java"), SERVER);
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    int code =
        compiler.run(
            null,
            null,
            null,
            "-d",
            classes.toString(),
            "-proc:none",
            source.resolve("Main.java").toString());
    assertThat(code).isZero();
    System.setProperty(CLASS_PATH, classes.toString());
    Files.writeString(
        folder.resolve("own.jsonl"),
        """
        {"instruction": "Say one.", "reference": "as first says"}
        {"instruction": "Say two.", "reference": "as first says"}
        """);
  }

  @AfterEach
  void asBefore() {
    System.clearProperty(CLASS_PATH);
  }

  private String evaluated(int code, String first, String second) throws IOException {
    for (String name : List.of(first, second)) {
      Files.writeString(folder.resolve(name + ".gguf"), "weights of " + name);
    }
    Path conf =
        Files.writeString(
            folder.resolve("evaluate.yaml"),
            String.format(
                Locale.ROOT,
                "set: own.jsonl%nanswerers: {one: {gguf: %s.gguf}, two: {gguf: %s.gguf}}%n",
                first,
                second));
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said);
    Path run = folder.resolve("run");
    int ended = Main.run(writer, writer, "evaluate", conf.toString(), "--run", run.toString());
    assertThat(ended).as(said.toString()).isEqualTo(code);
    return said.toString();
  }

  private List<String> started() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".started"))
          .sorted()
          .toList();
    }
  }

  /** Processes of this one whose command names the file's folder. */
  private List<ProcessHandle> servers() {
    return ProcessHandle.current()
        .children()
        .filter(ProcessHandle::isAlive)
        .filter(
            child ->
                child.info().commandLine().filter(c -> c.contains(folder.toString())).isPresent())
        .toList();
  }

  @Test
  void eachFileIsServedForAsLongAsItIsAskedAndNotAgain() throws IOException {
    String said = evaluated(0, "first", "second");

    assertThat(said).contains("evaluated: ");
    assertThat(
            LocalSpark.session()
                .read()
                .parquet(folder.resolve("run/answers_given").toString())
                .orderBy("round", "row")
                .select("answerer", "text", "completion_tokens")
                .collectAsList())
        .extracting(Row::toString)
        .containsExactly(
            "[one,as first says,3]",
            "[one,as first says,3]",
            "[two,as second says,3]",
            "[two,as second says,3]");
    assertThat(servers()).as("no server is left").isEmpty();
    assertThat(started()).containsExactly("first.started", "second.started");
    assertThat(Files.readString(folder.resolve("first.started")))
        .isEqualTo("--model-name one --port 0 --with-parent\n");

    assertThat(evaluated(0, "first", "second")).contains("nothing to do: ");
    assertThat(folder.resolve("first.started")).content().hasLineCount(1);
  }

  @Test
  void aServerThatDoesNotStartEndsTheEvaluationWithItsExitCode() throws IOException {
    String said = evaluated(5, "broken", "second");

    assertThat(said).contains("server ended before it answered: no weights here");
    assertThat(started()).containsExactly("broken.started");
    assertThat(folder.resolve("run/report.json")).doesNotExist();
  }
}
