package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserTextTest {
  @TempDir Path folder;

  @Test
  void aMarkAtTheBeginningIsNoPartOfTheText() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "\uFEFFone\n\uFEFFtwo\n");
    assertThat(UserText.read(file)).isEqualTo("one\n\uFEFFtwo\n");
    assertThat(UserText.lines(file)).containsExactly("one", "\uFEFFtwo");
    try (BufferedReader reader = UserText.reader(Files.newInputStream(file))) {
      assertThat(reader.readLine()).isEqualTo("one");
    }
  }

  @Test
  void aFileWithoutOneIsReadAsItIsAnEmptyOneToo() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "one");
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThat(UserText.read(file)).isEqualTo("one");
    assertThat(UserText.lines(empty)).isEmpty();
    try (BufferedReader reader = UserText.reader(Files.newInputStream(empty))) {
      assertThat(reader.readLine()).isNull();
    }
  }

  @Test
  void whatIsNotUtf8IsNoText() throws IOException {
    Path file = Files.write(folder.resolve("latin.txt"), new byte[] {'c', 'a', 'f', (byte) 0xE9});
    assertThatThrownBy(() -> UserText.read(file)).isInstanceOf(CharacterCodingException.class);
  }
}
