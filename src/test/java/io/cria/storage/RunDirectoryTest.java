package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  private static Manifest manifest(Manifest.File... files) {
    return new Manifest(
        Manifest.FORMAT,
        "select",
        3,
        "identity",
        "random-1",
        List.of(new Manifest.Input("requests", "aa")),
        List.of(files),
        Map.of("kept", 2L, "similar", 1L));
  }

  private void publish(String table, String file, String text) throws IOException {
    String temporary = run.newTemporary();
    try (OutputStream out = run.create(temporary + "/" + file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    String path = temporary + "/" + file;
    run.publish(
        temporary, table, manifest(new Manifest.File(file, 1, run.size(path), run.sha256(path))));
  }

  @Test
  void whatIsPublishedReadsBackWithItsManifest() throws IOException {
    publish("t/round=0", "part", "hello");
    assertThat(run.manifest("t/round=0"))
        .hasValueSatisfying(
            m -> {
              assertThat(m.rows()).isEqualTo(1);
              assertThat(m.files().get(0).sha256())
                  .isEqualTo("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
              assertThat(m.counts()).containsEntry("similar", 1L);
            });
    assertThat(run.list("t/round=0")).containsExactly(Manifest.FILE, "part");
    assertThat(Files.readString(folder.resolve("run/t/round=0/_manifest.json")))
        .contains("\"stage_version\" : 3")
        .endsWith("\n");
  }

  @Test
  void publishingAgainReplacesTheWholeDirectory() throws IOException {
    publish("t", "one", "1");
    publish("t", "two", "2");
    assertThat(run.list("t")).containsExactly(Manifest.FILE, "two");
    run.removeTemporaries();
    assertThat(run.list(".")).containsExactly("t");
  }

  @Test
  void aDirectoryThatIsNotThereHasNoManifest() {
    assertThat(run.manifest("t")).isEmpty();
    assertThat(run.list("t")).isEmpty();
    assertThat(run.text("t/x")).isEmpty();
    assertThatThrownBy(() -> run.input("t"))
        .hasMessageContaining("/t: this table is not made yet: run the stages before this one");
  }

  @Test
  void aTableThatIsNotWholeIsRefusedInOneLine() throws IOException {
    publish("t", "part", "hello");
    Path table = folder.resolve("run/t");

    Files.writeString(table.resolve("part"), "hell");
    refused("part has 4 bytes, not 5");
    Files.delete(table.resolve("part"));
    refused("part is missing");
    Files.writeString(table.resolve("_manifest.json"), "{\"format\" : 1,");
    refused("_manifest.json is damaged");
    Files.delete(table.resolve("_manifest.json"));
    refused("it has no _manifest.json");
  }

  private void refused(String why) {
    assertThatThrownBy(() -> run.manifest("t"))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("/t: this table was not written whole (" + why)
        .hasMessageContaining("remove the directory and run again")
        .message()
        .hasLineCount(1);
  }

  @Test
  void theInputOfALaterStageIsTheManifestsHash() throws IOException {
    publish("t", "part", "hello");
    Manifest.Input before = run.input("t");
    publish("t", "part", "hello");
    assertThat(run.input("t")).isEqualTo(before);
    publish("t", "part", "changed");
    assertThat(run.input("t")).isNotEqualTo(before);
    assertThat(before.path()).isEqualTo("t");
  }

  @Test
  void aManifestAnswersOnlyToItsOwnStageVersionIdentityAndInputs() {
    Manifest made = manifest();
    List<Manifest.Input> inputs = made.inputs();
    assertThat(made.answers("select", 3, "identity", inputs)).isTrue();
    assertThat(made.answers("classify", 3, "identity", inputs)).isFalse();
    assertThat(made.answers("select", 4, "identity", inputs)).isFalse();
    assertThat(made.answers("select", 3, "another", inputs)).isFalse();
    assertThat(made.answers("select", 3, "identity", List.of())).isFalse();
    assertThat(made.answers("select", 3, "identity", List.of(new Manifest.Input("requests", "bb"))))
        .isFalse();
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
  void ledgerSegmentsAreListedByRoundAndNeverOverwritten() throws IOException {
    LedgerFiles files = new LedgerFiles(run, "generate", 7);
    try (LedgerFiles.Segment segment = files.create("segment-a-0001.jsonl")) {
      segment.write("{}\n".getBytes(StandardCharsets.UTF_8));
      segment.sync();
      assertThat(segment.syncIsDurable()).isTrue();
      assertThat(folder.resolve("run/ledger/stage=generate/round=0007/segment-a-0001.jsonl"))
          .hasContent("{}");
    }
    assertThatThrownBy(() -> files.create("segment-a-0001.jsonl")).isInstanceOf(IOException.class);
    files.create("segment-b-0001.jsonl").close();
    Files.writeString(folder.resolve("run/ledger/stage=generate/round=0007/other"), "");
    assertThat(LedgerFiles.segments(run, "generate", 7))
        .containsExactly(
            "ledger/stage=generate/round=0007/segment-a-0001.jsonl",
            "ledger/stage=generate/round=0007/segment-b-0001.jsonl");
    assertThat(LedgerFiles.segments(run, "generate", 8)).isEmpty();
  }
}
