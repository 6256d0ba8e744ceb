package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.testing.FullDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoRoomTest {
  private final IOException full = new IOException("No space left on device");

  @TempDir Path folder;

  private static CriaException other() {
    return new CriaException(ExitCode.FAULT, "something else");
  }

  @Test
  void oneLineHasThePlaceWhatIsFreeAndWhatIsNeeded() {
    String place = folder.resolve("not/yet/there.bin").toString();
    CriaException told = NoRoom.or(place, 1_234_567, full, NoRoomTest::other);
    assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(told.getMessage())
        .matches(
            "no room \\(No space left on device\\), "
                + place
                + ": [0-9,]+ bytes free there, 1,234,567 bytes needed: free some, or take another"
                + " place, and give the same command again");
  }

  @Test
  void whatNobodyKnowsIsNotTold() {
    assertThat(NoRoom.or("hdfs://host/run/part", full, NoRoomTest::other))
        .hasMessageStartingWith(
            "no room (No space left on device), hdfs://host/run/part: more needed: free some");
  }

  @Test
  void anotherFailureIsToldAsItWas() {
    assertThat(NoRoom.or("/x", new IOException("Permission denied"), NoRoomTest::other))
        .hasMessage("something else");
    assertThat(NoRoom.isBehind(new IllegalStateException("no"))).isFalse();
  }

  @Test
  void itIsFoundBehindAnErrorOfHadoopsAndSparksWrappers() throws IOException {
    Throwable thrown =
        new SparkException(
            "Job aborted due to stage failure",
            new SparkException(
                "[TASK_WRITE_FAILED] Task failed while writing rows to file:/data/run/t. SQLSTATE:"
                    + " 58030",
                new ExecutionException(FullDisk.error())));
    assertThat(NoRoom.behind(thrown, "/elsewhere").orElseThrow())
        .hasMessageContaining("(No space left on device), file:/data/run/t: ");
  }

  @Test
  void anExecutorsFailureMayBeNoMoreThanItsWords() {
    Throwable thrown =
        new SparkException(
            "Job aborted: Lost task 0.3: java.io.IOException: No space left on device\n\tat x",
            null);
    assertThat(NoRoom.behind(thrown, folder.toString())).isPresent();
  }

  @Test
  void theFileThatTheSystemNamesIsToldOfWriteFailuresWithoutAPlace() {
    Throwable thrown =
        new UncheckedIOException(
            new FileSystemException("/data/x.tmp", null, "Disk quota exceeded"));
    assertThat(NoRoom.behind(thrown, folder.toString()).orElseThrow())
        .hasMessageContaining("(Disk quota exceeded), /data/x.tmp: ");
  }

  @Test
  void whatAServerSaysOfItsDiskIsNotOurs() {
    Throwable thrown =
        new SparkException(
            "failed",
            new CriaException(ExitCode.ENDPOINT, "500 from the server: No space left on device"));
    assertThat(NoRoom.isBehind(thrown)).isFalse();
  }

  @Test
  void theFirstThatWasToldStays() {
    CriaException inner = NoRoom.or("/inner", 7, full, NoRoomTest::other);
    assertThat(NoRoom.or("/outer", new IllegalStateException(inner), NoRoomTest::other))
        .isSameAs(inner);
  }

  @Test
  void moreThanIsFreeIsRefusedBeforeAnythingIsWritten() {
    NoRoom.require(folder.resolve("small"), 1);
    assertThatThrownBy(() -> NoRoom.require(folder.resolve("large"), Long.MAX_VALUE))
        .isInstanceOf(NoRoom.class)
        .hasMessageStartingWith("no room, " + folder.resolve("large") + ": ")
        .hasMessageContaining(" 9,223,372,036,854,775,807 bytes needed: ");
  }

  @Test
  void whatMattersToTheReaderIsAdded() {
    NoRoom told = (NoRoom) NoRoom.or("/x", full, NoRoomTest::other);
    assertThat(told.adding("the last good checkpoint is step-1"))
        .hasMessage(told.getMessage() + "; the last good checkpoint is step-1");
  }
}
