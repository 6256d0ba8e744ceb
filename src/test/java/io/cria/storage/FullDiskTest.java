package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.testing.FullDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  private static final String TEXT = "some words\n";

  @TempDir Path folder;
  private RunDirectory run;

  @BeforeEach
  void openTheRun() {
    Configuration hadoop = new Configuration();
    FullDisk.in(hadoop);
    // a local disk, where files are replaced by renames
    hadoop.set("fs.file.impl", FullDisk.class.getName());
    hadoop.setBoolean("fs.file.impl.disable.cache", true);
    run = RunDirectory.at(folder.toString(), hadoop);
  }

  @AfterEach
  void makeRoom() {
    FullDisk.room(Long.MAX_VALUE);
  }

  private void refused(String place, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NoRoom.class, told -> assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("no room (No space left on device), ")
        .hasMessageContaining(place + ": ");
  }

  @Test
  void theOldTextStaysAndNothingIsLeftOfTheNew() {
    run.replace("status.json", "old");
    FullDisk.room(5);
    refused("/status.json", () -> run.replace("status.json", TEXT));
    refused("/status.json", () -> run.replaceDurably("status.json", TEXT));
    assertThat(run.text("status.json")).contains("old");
    assertThat(run.list(RunDirectory.TEMPORARY)).isEmpty();
  }

  @Test
  void theBytesThatAreNeededAreTold() {
    FullDisk.room(5);
    assertThatThrownBy(() -> run.replace("status.json", TEXT))
        .hasMessageContaining(TEXT.length() + " bytes needed");
  }

  @Test
  void aStreamTellsItWhereHadoopThrowsAnError() throws IOException {
    FullDisk.room(5);
    try (OutputStream out = run.create("dataset/alpaca.json")) {
      refused("/dataset/alpaca.json", () -> out.write(TEXT.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void aSegmentOfTheLedgerTellsItWithItsPath() throws IOException {
    FullDisk.room(5);
    try (LedgerFiles.Segment segment = new LedgerFiles(run, "generate", 0).create("segment-0")) {
      refused(
          "/ledger/stage=generate/round=0000/segment-0",
          () -> segment.write(TEXT.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
