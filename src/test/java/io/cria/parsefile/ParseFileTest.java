package io.cria.parsefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.Location;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.CountedFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParseFileTest {
  private static final String GOOD = "{\"text\": \"Name two birds here.\"}\n";
  private static final String RESULT =
      "{\"accepted\":[\"Name two birds here.\"],\"rejected\":[]}\n";

  @TempDir Path folder;

  @Test
  void every_line_gives_one_line() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD + GOOD);
    Path output = folder.resolve("out.jsonl");
    assertThat(parse(input, output)).isEqualTo(2);
    assertThat(output).hasContent((RESULT + RESULT).strip());
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void gzip_is_recognised_and_written_by_name() throws IOException {
    Path input = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(input))) {
      out.write(GOOD.getBytes(StandardCharsets.UTF_8));
    }
    Path output = folder.resolve("out.jsonl.gz");
    parse(input, output);
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(output))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(RESULT);
    }
  }

  @Test
  void an_empty_file_gives_an_empty_file() throws IOException {
    Path output = folder.resolve("out.jsonl");
    assertThat(parse(Files.createFile(folder.resolve("in.jsonl")), output)).isZero();
    assertThat(output).isEmptyFile();
  }

  @Test
  void a_bad_line_is_named_and_leaves_the_old_output() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD + "{\"txt\": 1}\n");
    Path output = Files.writeString(folder.resolve("out.jsonl"), "old");
    assertThatThrownBy(() -> parse(input, output))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(input + ":2: key \"text\" is not a text: give a JSON string");
    assertThat(output).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void an_absent_input_is_named() {
    Path input = folder.resolve("none.jsonl");
    assertThatThrownBy(() -> parse(input, folder.resolve("out.jsonl")))
        .isInstanceOf(CriaException.class)
        .hasMessage("cannot read " + input + " (no such file): name a readable file of JSON lines");
  }

  @Test
  void an_output_without_a_folder_is_named() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD);
    Path output = folder.resolve("none").resolve("out.jsonl");
    assertThatThrownBy(() -> parse(input, output))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("cannot write " + output + " (no such file): name a file");
  }

  @Test
  void bytes_that_are_no_utf8_are_named() throws IOException {
    Path input = Files.write(folder.resolve("in.jsonl"), new byte[] {'"', (byte) 0xFF, '"'});
    assertThatThrownBy(() -> parse(input, folder.resolve("out.jsonl")))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("not UTF-8 near line 1 of " + input);
  }

  @Test
  void a_truncated_gzip_is_named() throws IOException {
    Path input = Files.write(folder.resolve("in.gz"), new byte[] {0x1F, (byte) 0x8B, 8, 0});
    assertThatThrownBy(() -> parse(input, folder.resolve("out.jsonl")))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("cannot read " + input);
  }

  @Test
  void input_and_output_may_lie_in_a_store() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD + GOOD);
    Path output = Files.writeString(folder.resolve("out.jsonl"), "old");
    assertThat(parse("counted://" + input, "counted://" + output, stores())).isEqualTo(2);
    assertThat(output).hasContent((RESULT + RESULT).strip());
    assertThat(folder).isDirectoryNotContaining("glob:**.out*");
  }

  @Test
  void a_bad_line_leaves_the_old_output_of_a_store() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD + "{\"txt\": 1}\n");
    Path output = Files.writeString(folder.resolve("out.jsonl"), "old");
    assertThatThrownBy(() -> parse("counted://" + input, "counted://" + output, stores()))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("counted://" + input + ":2: key");
    assertThat(output).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.out*");
  }

  @Test
  void one_file_under_two_names_is_not_its_own_output() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), GOOD);
    for (String output :
        List.of("file:" + input, "file://" + input, folder + "/./in.jsonl", input.toString())) {
      assertThatThrownBy(() -> parse(input.toString(), output, stores()))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith(input + ": input and output are one file");
    }
    assertThat(input).hasContent(GOOD.strip());
  }

  private static Configuration stores() {
    Configuration hadoop = new Configuration();
    CountedFiles.register(hadoop);
    return hadoop;
  }

  private static long parse(Path input, Path output) {
    return parse(input.toString(), output.toString(), new Configuration());
  }

  private static long parse(String input, String output, Configuration hadoop) {
    return ParseFile.parse(
        ParseRecords.Kind.INSTRUCTIONS,
        Location.of(input, hadoop),
        Location.toWrite(output, hadoop));
  }
}
