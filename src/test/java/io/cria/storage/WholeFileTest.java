package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.testing.CountedFiles;
import io.cria.testing.DirectoryContents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file appears whole or not at all: on the local disk, where files are renamed, and as objects.
 */
class WholeFileTest {
  @TempDir Path folder;

  private final Configuration hadoop = new Configuration();

  private Location at(String scheme, String file) {
    CountedFiles.register(hadoop);
    hadoop.set("fs.objects.impl", ObjectFiles.class.getName());
    return Location.toWrite(scheme + folder.resolve(file), hadoop);
  }

  private static void write(WholeFile file, String text) throws IOException {
    file.stream().write(text.getBytes(StandardCharsets.UTF_8));
    file.stream().close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "counted://", "objects://"})
  void whatIsCommittedStandsInPlaceOfTheOld(String scheme) throws IOException {
    for (String text : new String[] {"first", "second"}) {
      try (WholeFile file = at(scheme, "a.jsonl").create()) {
        write(file, text);
        file.commit();
      }
      assertThat(DirectoryContents.of(folder)).isEqualTo(Map.of("a.jsonl", text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "counted://", "objects://"})
  void whatIsNotCommittedLeavesTheOldOne(String scheme) throws IOException {
    try (WholeFile file = at(scheme, "a.jsonl").create()) {
      write(file, "nothing yet");
    }
    assertThat(DirectoryContents.of(folder)).isEmpty();
    Files.writeString(folder.resolve("a.jsonl"), "old");
    try (WholeFile file = at(scheme, "a.jsonl").create()) {
      write(file, "half");
      assertThat(folder.resolve("a.jsonl")).hasContent("old");
    }
    assertThat(DirectoryContents.of(folder)).isEqualTo(Map.of("a.jsonl", "old"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "counted://"})
  void aFolderOfTheNameIsNotReplaced(String scheme) throws IOException {
    Files.createDirectories(folder.resolve("a.jsonl/below"));
    try (WholeFile file = at(scheme, "a.jsonl").create()) {
      write(file, "text");
      assertThatThrownBy(file::commit).isInstanceOf(IOException.class);
    }
    assertThat(folder.resolve("a.jsonl/below")).isDirectory();
    assertThat(folder).isDirectoryNotContaining("glob:**/.a*");
  }

  @Test
  void whatIsShippedCannotBeWritten() {
    assertThatThrownBy(() -> Location.of("shipped:conf/alpaca.yaml", hadoop).create())
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "shipped:conf/alpaca.yaml: this lies in Cria's jar and cannot be written: name another"
                + " output");
  }
}
