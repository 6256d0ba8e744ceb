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

class CommitsTest {
  private static final List<Manifest.Input> INPUTS = List.of(new Manifest.Input("requests", "aa"));

  @TempDir Path folder;

  private RunDirectory run = RunDirectory.at("unset", new Configuration());
  private Commits commits = new Commits(run);

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
    commits = new Commits(run);
  }

  private static Manifest manifest(long epoch, Manifest.File... files) {
    return new Manifest(
        Manifest.FORMAT,
        epoch,
        "select",
        3,
        "identity",
        "random-1",
        INPUTS,
        List.of(files),
        Map.of("kept", 2L, "similar", 1L),
        null);
  }

  /** Publishes a directory of one file. */
  private void publish(long epoch, String directory, String name, String text) throws IOException {
    String temporary = run.newTemporary();
    Manifest.File file = written(temporary + "/" + name, name, text).in(directory);
    commits.publish(directory, Map.of(temporary, directory), manifest(epoch, file));
  }

  /** Publishes one part of a directory. */
  private void publishPart(String directory, int number, String text) throws IOException {
    String temporary = run.newTemporary();
    String file = Commits.partFile(directory, number);
    commits.publish(
        Commits.part(directory, number),
        Map.of(temporary, file),
        manifest(1, written(temporary, file, text)));
  }

  private Manifest.File written(String path, String name, String text) throws IOException {
    try (OutputStream out = run.create(path)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return new Manifest.File(name, 1, run.size(path), run.sha256(path));
  }

  @Test
  void whatIsPublishedReadsBackWithItsManifestBesideTheTable() throws IOException {
    publish(5, "t/round=0", "part", "hello");
    assertThat(commits.manifest("t/round=0"))
        .hasValueSatisfying(
            m -> {
              assertThat(m.rows()).isEqualTo(1);
              assertThat(m.epoch()).isEqualTo(5);
              assertThat(m.files().get(0).name()).isEqualTo("t/round=0/part");
              assertThat(m.files().get(0).sha256())
                  .isEqualTo("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
              assertThat(m.counts()).containsEntry("similar", 1L);
            });
    assertThat(run.list("t/round=0")).containsExactly("part");
    assertThat(Files.readString(folder.resolve("run/_manifests/t/round=0.json")))
        .contains("\"stage_version\" : 3", "\"format\" : 2")
        .doesNotContain("asked")
        .endsWith("\n");
  }

  @Test
  void publishingAgainReplacesTheWholeDirectory() throws IOException {
    publish(1, "t", "one", "1");
    publish(1, "t", "two", "2");
    assertThat(run.list("t")).containsExactly("two");
    run.removeTemporaries();
    assertThat(run.list(".")).containsExactly("_manifests", "t");
  }

  @Test
  void partsGrowInADirectoryAndAreCountedUpToAGap() throws IOException {
    publishPart("t/round=0", 0, "zero");
    publishPart("t/round=0", 1, "one");
    publishPart("t/round=0", 3, "three");
    assertThat(run.list("t/round=0"))
        .containsExactly("part-00000.parquet", "part-00001.parquet", "part-00003.parquet");
    assertThat(commits.parts("t/round=0")).hasSize(2);
    assertThat(commits.parts("t/round=1")).isEmpty();
    commits.withdraw("t/round=0/part-00000", 1);
    assertThat(commits.parts("t/round=0")).isEmpty();
  }

  @Test
  void whatIsNotPublishedHasNoManifestWhateverFilesThereAre() throws IOException {
    assertThat(commits.manifest("t")).isEmpty();
    publish(1, "t", "one", "1");
    Files.delete(folder.resolve("run/_manifests/t.json"));
    assertThat(commits.manifest("t")).isEmpty();
    assertThatThrownBy(() -> commits.input("t"))
        .hasMessageContaining("/t: this table is not made yet: run the stages before this one");
  }

  @Test
  void aDirectoryThatWasRemovedIsNotPublishedAnyMore() throws IOException {
    publish(1, "t", "one", "1");
    run.delete("t");
    assertThat(commits.manifest("t")).isEmpty();
    publishPart("u", 0, "zero");
    Files.writeString(folder.resolve("run/_manifests/u/part-00000.json"), "{");
    run.delete("u");
    assertThat(commits.parts("u")).isEmpty();
  }

  @Test
  void aTableThatIsNotWholeIsRefusedInOneLine() throws IOException {
    publish(1, "t", "part", "hello");
    Path table = folder.resolve("run/t");

    Files.writeString(table.resolve("part"), "hell");
    refused("t/part has 4 bytes, not 5");
    Files.delete(table.resolve("part"));
    refused("t/part is missing");
    Files.writeString(folder.resolve("run/_manifests/t.json"), "{\"format\" : 2,");
    refused("_manifests/t.json is damaged");
  }

  private void refused(String why) {
    assertThatThrownBy(() -> commits.manifest("t"))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("/t: this table was not written whole (" + why)
        .hasMessageContaining("remove the directory and run again")
        .message()
        .hasLineCount(1);
  }

  @Test
  void aDriverThatWasOvertakenCommitsNothingOverItsSuccessor() throws IOException {
    publish(7, "t", "part", "the successor's");
    assertThatThrownBy(() -> publish(6, "t", "part", "late"))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("another driver took this run over");
    assertThatThrownBy(() -> commits.withdraw("t", 6))
        .hasMessageContaining("another driver took this run over");
    assertThat(run.text("t/part")).contains("the successor's");
    publish(8, "t", "part", "newer");
    assertThat(run.text("t/part")).contains("newer");
  }

  @Test
  void theInputOfALaterStageIsTheManifestsHashWithoutItsEpoch() throws IOException {
    publish(1, "t", "part", "hello");
    Manifest.Input before = commits.input("t");
    publish(2, "t", "part", "hello");
    assertThat(commits.input("t")).isEqualTo(before);
    publish(3, "t", "part", "changed");
    assertThat(commits.input("t")).isNotEqualTo(before);
    assertThat(before.path()).isEqualTo("t");
  }

  @Test
  void aManifestAnswersOnlyToItsOwnStageVersionIdentityAndInputs() {
    Manifest made = manifest(1);
    assertThat(made.answers("select", 3, "identity", INPUTS)).isTrue();
    assertThat(made.answers("classify", 3, "identity", INPUTS)).isFalse();
    assertThat(made.answers("select", 4, "identity", INPUTS)).isFalse();
    assertThat(made.answers("select", 3, "another", INPUTS)).isFalse();
    assertThat(made.answers("select", 3, "identity", List.of())).isFalse();
    assertThat(made.answers("select", 3, "identity", List.of(new Manifest.Input("requests", "bb"))))
        .isFalse();
  }
}
