package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  @TempDir Path folder;

  private RunDirectory run = RunDirectory.at("unset", new Configuration());

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
  }

  @Test
  void aFileIsMadeOnceOnly() {
    assertThat(run.createNew("f", "mine")).isTrue();
    assertThat(run.createNew("f", "yours")).isFalse();
    assertThat(run.text("f")).contains("mine");
    run.replace("f", "changed");
    assertThat(run.text("f")).contains("changed");
  }

  @Test
  void aPlaceThatCannotBeWrittenIsToldWithItsRemedy() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    RunDirectory below = RunDirectory.at(file.resolve("run").toString(), new Configuration());
    assertThatThrownBy(() -> below.mkdirs("inputs"))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("/run/inputs: cannot be written (")
        .hasMessageContaining("give a directory that you may write to");
  }

  @Test
  void aFileSystemThatIsNotKnownIsToldWithItsRemedy() {
    assertThatThrownBy(() -> RunDirectory.at("nowhere://x/y", new Configuration()))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("nowhere://x/y: cannot be reached")
        .hasMessageContaining("give a path or URI that Hadoop can open");
  }

  @Test
  void aFileIsMovedOverAnotherAlsoWhereARenameReplacesNothing() {
    RunDirectory store = ScriptedFiles.at(folder);
    for (RunDirectory each : List.of(run, store)) {
      each.replace("new", "new");
      each.replace("table/file", "old");
      each.rename("new", "table/file");
      assertThat(each.text("table/file")).contains("new");
      assertThat(each.exists("new")).isFalse();
      assertThatThrownBy(() -> each.rename("none", "table/file"))
          .hasMessageContaining("table/file: cannot be written");
    }
  }

  @Test
  void ledgerSegmentsAreListedByRoundWithTheirSizesAndNeverOverwritten() throws IOException {
    LedgerFiles files = new LedgerFiles(run, "generate", 7);
    try (LedgerFiles.Segment segment = files.create("segment-p00003-a-0001.jsonl")) {
      segment.write("{}\n".getBytes(StandardCharsets.UTF_8));
      segment.sync();
      assertThat(segment.syncIsDurable()).isTrue();
      assertThat(folder.resolve("run/ledger/stage=generate/round=0007/segment-p00003-a-0001.jsonl"))
          .hasContent("{}");
    }
    assertThatThrownBy(() -> files.create("segment-p00003-a-0001.jsonl"))
        .isInstanceOf(IOException.class);
    files.create("segment-p00004-b-0001.jsonl").close();
    Files.writeString(folder.resolve("run/ledger/stage=generate/round=0007/other"), "");
    List<LedgerFiles.Found> found = LedgerFiles.segments(run, "generate", 7);
    assertThat(found)
        .containsExactly(
            new LedgerFiles.Found(
                "ledger/stage=generate/round=0007/segment-p00003-a-0001.jsonl", 3),
            new LedgerFiles.Found(
                "ledger/stage=generate/round=0007/segment-p00004-b-0001.jsonl", 0));
    assertThat(found.get(0).isOf(3)).isTrue();
    assertThat(found.get(0).isOf(4)).isFalse();
    assertThat(LedgerFiles.segments(run, "generate", 8)).isEmpty();
    assertThat(LedgerFiles.segments(run)).isEqualTo(found);
  }
}
