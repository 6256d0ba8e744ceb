package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  /** A device that is always full. */
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;

  @Test
  void aFullDiskLeavesWhatWasThereAndNothingElse() throws IOException {
    assumeThat(FULL).exists();
    Path file = Files.writeString(folder.resolve("cria.json"), "old");
    Files.createSymbolicLink(folder.resolve("cria.json.partial"), FULL);
    assertThatThrownBy(() -> AtomicFile.write(file, "the new text"))
        .isInstanceOfSatisfying(
            NoRoom.class, told -> assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("no room (No space left on device), " + file + ": ")
        .hasMessageContaining(" bytes free there, 12 bytes needed: ");
    assertThat(file).hasContent("old");
    assertThat(folder.resolve("cria.json.partial")).doesNotExist();
  }

  @Test
  void moreThanThereIsRoomForIsNotBegun() {
    Path file = folder.resolve("model.safetensors");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    Long.MAX_VALUE,
                    out -> {
                      throw new IOException("begun");
                    }))
        .isInstanceOf(NoRoom.class)
        .hasMessageStartingWith("no room, " + file + ": ");
    assertThat(folder).isEmptyDirectory();
  }
}
