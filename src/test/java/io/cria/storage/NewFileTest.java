package io.cria.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewFileTest {
  private static final int CONTENDERS = 4;

  @TempDir Path folder;

  @Test
  void ofSeveralAtOnceOneMakesAFileOnALocalDisk() throws Exception {
    RunDirectory run = RunDirectory.at(folder.toString(), new Configuration());
    ExecutorService threads = Executors.newFixedThreadPool(CONTENDERS);
    CyclicBarrier start = new CyclicBarrier(CONTENDERS);
    try {
      for (int round = 0; round < 200; round++) {
        String file = "f/" + round;
        List<Future<Boolean>> made = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
          String text = "of " + i;
          made.add(
              threads.submit(
                  () -> {
                    start.await();
                    boolean mine = run.createNew(file, text);
                    assertThat(run.text(file)).as("whole when it appears").isPresent();
                    assertThat(run.text(file).orElseThrow()).hasSize(text.length());
                    return mine;
                  }));
        }
        int winners = 0;
        for (Future<Boolean> mine : made) {
          winners += mine.get() ? 1 : 0;
        }
        assertThat(winners).as(file).isOne();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(run.list("_tmp")).as("nothing is left over").isEmpty();
  }

  @Test
  void whereLinksAreRefusedAFileIsMadeOnceToo() throws IOException {
    Path file = folder.resolve("f");
    assertThat(NewFile.exclusively(file, "mine".getBytes(UTF_8))).isTrue();
    assertThat(NewFile.exclusively(file, "yours".getBytes(UTF_8))).isFalse();
    assertThat(file).hasContent("mine");
  }

  @Test
  void aFileIsMadeOnceInOtherStores() {
    RunDirectory run = ScriptedFiles.at(folder);
    assertThat(run.createNew("f", "mine")).isTrue();
    assertThat(run.createNew("f", "yours")).isFalse();
    assertThat(run.text("f")).contains("mine");
  }

  @Test
  void aFileThatCouldNotBeWrittenIsToldAndNotSaidToBeAnothers() {
    RunDirectory run = ScriptedFiles.at(folder);
    ScriptedFiles.torn = Optional.of("");
    assertThatThrownBy(() -> run.createNew("f", "mine"))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("cannot be written (no space left)");
  }

  @Test
  void aStoreThatRefusesTheSecondWriterMayHoldRuns() {
    RunDirectory run = ScriptedFiles.at(folder);
    run.requireNewFilesDecided();
    assertThat(run.list(RunDirectory.TEMPORARY)).as("nothing is left over").isEmpty();
    try (RunLock lock = RunLock.acquire(run, Clock.systemUTC())) {
      assertThat(lock.epoch()).isOne();
    }
  }

  @Test
  void aStoreInWhichTheLastWriterWinsIsRefusedBeforeTheFirstLock() {
    RunDirectory run = ScriptedFiles.at(folder);
    ScriptedFiles.lastWins = true;
    assertThatThrownBy(() -> RunLock.acquire(run, Clock.systemUTC()))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("this store lets two writers make one file")
        .hasMessageContaining("take a store that honours conditional writes");
    assertThat(run.list(RunDirectory.TEMPORARY)).as("nothing is left over").isEmpty();
    assertThat(run.list(RunLock.FILE)).isEmpty();
  }

  @Test
  void aFailureOnALocalDiskLeavesNothing() throws IOException {
    RunDirectory run = RunDirectory.at(folder.toString(), new Configuration());
    Files.writeString(folder.resolve("_tmp"), "no directory");
    assertThatThrownBy(() -> run.createNew("f", "mine")).hasMessageContaining("cannot be written");
    assertThat(folder.resolve("f")).doesNotExist();
  }
}
