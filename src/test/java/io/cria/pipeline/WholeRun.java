package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.ScriptedServer;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A run of three stages and several rounds, as it was made. It is made once for all classes that
 * name this extension; who damages one does so to a copy.
 */
final class WholeRun implements BeforeAllCallback {
  /** The first file of candidates, without its ending. */
  static final String CANDIDATES = "candidates/round=0/part-00000";

  static final String EXAMPLES = "examples/round=0/part-00000.parquet";

  private static final ExtensionContext.Namespace OWN =
      ExtensionContext.Namespace.create(WholeRun.class);

  private static Path made = Path.of("not made yet");

  @Override
  public void beforeAll(ExtensionContext context) {
    made =
        context
            .getRoot()
            .getStore(OWN)
            .getOrComputeIfAbsent("run", key -> Made.now(), Made.class)
            .run();
  }

  /** The run itself, which nobody changes. */
  static Path path() {
    return made;
  }

  /** A copy in a folder. */
  static Path copy(Path folder) throws IOException {
    return HandMadeRun.copy(made, folder.resolve("run"));
  }

  /** Goes with the last test. */
  private record Made(Path folder) implements AutoCloseable {
    static Made now() {
      try {
        Made made = new Made(Files.createTempDirectory("cria-whole-run"));
        made.go();
        return made;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Path run() {
      return folder.resolve("run");
    }

    private void go() throws IOException {
      try (ScriptedServer server = ScriptedServer.start(ScriptedModel.faulty())) {
        LineRun.of(run(), "self-instruct", server.baseUrl())
            .with("target", "30")
            .with("rounds.policy", "fixed")
            .with("rounds.size", "8")
            .go();
      }
      RunDirectory directory = RunDirectory.at(run().toString(), new Configuration());
      assertThat(directory.list("candidates")).hasSizeGreaterThan(1);
    }

    @Override
    public void close() throws IOException {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
