package io.cria.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.Location;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.InputOutput;
import io.cria.task.SeedTask;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SeedFileTest {
  private static final String RIGHT =
      line("a", "Name a river in Europe.", "[{\"input\": \"\", \"output\": \"Rhine\"}]");

  static String line(String id, String instruction, String instances) {
    return "{\"id\": \"%s\", \"name\": \"n\", \"instruction\": \"%s\", \"instances\": %s, \"is_classification\": false}"
        .formatted(id, instruction, instances);
  }

  private static List<SeedTask> read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<SeedTask> read(byte[] bytes) {
    return SeedFile.read(new ByteArrayInputStream(bytes), "seeds.jsonl");
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(message);
  }

  @Test
  void aTaskIsReadWithAllItsInstancesInOrder() {
    String instances =
        "[{\"input\": \"x\\n1\", \"output\": \"é\"}, {\"input\": \"y\", \"output\": \"\"}]";

    assertThat(read(line("t1", "Do it well.", instances)))
        .containsExactly(
            new SeedTask(
                "t1",
                "n",
                "Do it well.",
                List.of(new InputOutput("x\n1", "é"), new InputOutput("y", "")),
                false));
  }

  @Test
  void blankLinesCarriageReturnsAByteOrderMarkAndUnknownKeysAreTolerated() {
    String second = RIGHT.replace("\"a\"", "\"b\"").replace("{\"id\"", "{\"source\": [1], \"id\"");

    assertThat(read("\uFEFF\n" + RIGHT + "\r\n   \n" + second + "\n\n"))
        .extracting(SeedTask::id)
        .containsExactly("a", "b");
  }

  @Test
  void aTaskWithoutNameHasAnEmptyOne() {
    assertThat(read(RIGHT.replace("\"name\": \"n\", ", "")).get(0).name()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\": \"a\",| not valid JSON at column 12: write one whole JSON object on the line,"
            + " each key once",
        "[]1| the file is a JSON array: put each seed task on a line of its own, without brackets"
            + " and commas around it",
        "17| not a JSON object: write {\"id\": …, \"instruction\": …, \"instances\": […],"
            + " \"is_classification\": …}",
      })
  void aLineThatIsNoObjectIsNamed(String line, String message) {
    assertRefused("\n" + line + "\n", "seeds.jsonl:2: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"id\": \"a\", || the key \"id\" is missing: give it a text",
        "\"id\": \"a\"| \"id\": 7| \"id\" is of type number: give it a text",
        "\"id\": \"a\"| \"id\": \" \"| \"id\" is empty: give every seed task an id of its own",
        "\"name\": \"n\"| \"name\": null| \"name\" is of type null: give it a text",
        "\"instruction\"| \"task\"| the key \"instruction\" is missing: give it a text",
        "Name a river in Europe.|\\t| \"instruction\" is empty: say what is to be done",
        "\"instances\"| \"instance\"| the key \"instances\" is missing: give it a list of"
            + " {\"input\": …, \"output\": …}",
        "[{\"input\": \"\", \"output\": \"Rhine\"}]| []| the task has no instance: give"
            + " \"instances\" at least one {\"input\": …, \"output\": …}",
        "[{\"input\": \"\", \"output\": \"Rhine\"}]| [\"Rhine\"]| \"instances[0]\" is of type"
            + " string: give it an object {\"input\": …, \"output\": …}",
        "\"input\": \"\", || the key \"instances[0].input\" is missing: give it a text, \"\" where"
            + " there is none",
        "\"output\": \"Rhine\"| \"output\": [1]| \"instances[0].output\" is of type array: give it"
            + " a text",
        "\"is_classification\": false| \"is_classification\": \"no\"| \"is_classification\" is of"
            + " type string: give it true or false",
        "Rhine|\\ud83d| \"instances[0].output\" holds half a surrogate pair: remove or complete the"
            + " \\uD8… escape",
        "\"name\"| \"id\": \"b\", \"name\"| not valid JSON at column 17: write one whole JSON"
            + " object on the line, each key once",
      })
  void aMissingOrMistypedKeyIsNamed(String part, String other, String message) {
    String line = RIGHT.replace(part, other == null ? "" : other);
    assertThat(line).isNotEqualTo(RIGHT);

    assertRefused(line, "seeds.jsonl:1: " + message);
  }

  @Test
  void anIdMayStandOnlyOnce() {
    assertRefused(
        RIGHT + "\n\n" + RIGHT,
        "seeds.jsonl:3: the id \"a\" stands in line 1 too: give every seed task an id of its own");
  }

  @Test
  void theFirstFaultIsToldWithTheNumberOfOthers() {
    assertRefused(
        RIGHT + "\n{\"id\": 1}\nx\n",
        "seeds.jsonl:2: \"id\" is of type number: give it a text"
            + " (and 4 more; see cria seeds check)");
  }

  @ParameterizedTest
  @CsvSource({"''", "'\n \n'", "\uFEFF"})
  void aFileWithoutTasksIsRefused(String text) {
    assertRefused(
        text == null ? "" : text,
        "seeds.jsonl: the file holds no seed task: write one JSON object a line");
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedWithTheirLine() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes((RIGHT + "\n").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(RIGHT.replace("Rhine", "Rhône").getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> read(bytes.toByteArray()))
        .isInstanceOf(CriaException.class)
        .hasMessage("seeds.jsonl:2: the line is not valid UTF-8: save the file in UTF-8");
  }

  @Test
  void aMissingFileIsNamed(@TempDir Path folder) {
    Path absent = folder.resolve("absent.jsonl");

    assertThatThrownBy(() -> SeedFile.read(at(absent)))
        .isInstanceOf(CriaException.class)
        .hasMessage(absent + ": no such file: give the path of a file of seed tasks (JSONL)");
  }

  @Test
  void aFolderIsNoSeedFile(@TempDir Path folder) {
    assertThatThrownBy(() -> SeedFile.read(at(folder)))
        .isInstanceOf(CriaException.class)
        .hasMessage(folder + ": cannot be read: check that it is a file and its permissions");
  }

  @Test
  void aStreamThatFailsIsReported() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read(byte[] to, int offset, int length) throws IOException {
            throw new IOException("gone");
          }

          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }
        };

    assertThatThrownBy(() -> SeedFile.read(broken, "hdfs:/seeds"))
        .isInstanceOf(CriaException.class)
        .hasMessage("hdfs:/seeds: cannot be read: check that it is a file and its permissions")
        .hasRootCauseMessage("gone");
  }

  @Test
  void aPathIsReadLikeAStream(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("s.jsonl"), RIGHT);

    assertThat(SeedFile.read(at(file))).isEqualTo(read(RIGHT));
  }

  private static Location at(Path path) {
    return Location.of(path.toString(), new Configuration());
  }
}
