package io.cria.pipeline;

import static io.cria.pipeline.WholeRun.CANDIDATES;
import static org.assertj.core.api.Assertions.assertThat;

import io.cria.report.RunReport;
import io.cria.run.Line;
import io.cria.storage.Commits;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.RuntimeConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria verify} on a run whose files were damaged in one place after another. */
@ExtendWith(WholeRun.class)
class VerifiedRunTest {
  @TempDir Path folder;

  @Test
  void aWholeRunIsToldWithWhatWasChecked() {
    VerifyCall called = VerifyCall.verify(WholeRun.path());
    called.isWhole();
    assertThat(called.out())
        .contains("checked", "manifests", "files", "requests", "ledger", "lineage")
        .contains("candidates", "examples");
  }

  @Test
  void aFlippedByteIsFoundInEveryKindOfFile() throws IOException {
    Path run = WholeRun.copy(folder);
    List<String> files =
        List.of(
            "requests/stage=generate/round=0/part-00000.parquet",
            "answers/stage=classify/round=0/part-00000.parquet",
            "candidates/round=1/part-00000.parquet",
            "classified/round=0/part-00000.parquet",
            "instances/round=0/part-00000.parquet",
            "examples/round=0/part-00000.parquet",
            "dataset/parquet/part-00000.parquet",
            "dataset/alpaca.json",
            "dataset/chat.jsonl",
            "dataset/README.md",
            "inputs/seeds.jsonl",
            "inputs/prices.yaml",
            "inputs/prompts/round.txt",
            "run.json");
    for (String file : files) {
      DamagedRun.flip(run.resolve(file));
    }
    VerifyCall called = VerifyCall.verify(run);
    called.finds("");
    assertThat(files)
        .allSatisfy(
            file -> assertThat(called.out()).contains("wrong: " + file + ": its bytes are not"));
  }

  @Test
  void aFlippedByteIsFoundInManifests() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.flip(run.resolve("_manifests/candidates/round=0/part-00000.json"));
    DamagedRun.flip(run.resolve("dataset/_manifest.json"));
    Path status = run.resolve("status.json");
    Files.writeString(status, Files.readString(status).substring(1));
    VerifyCall called = VerifyCall.verify(run);
    called.finds("");
    assertThat(called.out())
        .contains(
            "candidates/round=0", "dataset/_manifest.json: is not what", "status.json: damaged");
  }

  @Test
  void aDamagedStatusIsTheOnlyThingFound() throws IOException {
    Path run = WholeRun.copy(folder);
    Files.writeString(run.resolve("status.json"), "{");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("status.json: damaged: remove it; the next command writes it anew");
    assertThat(called.out().lines().filter(line -> line.startsWith("wrong:"))).hasSize(1);
  }

  @Test
  void aFlippedByteInALedgerIsFoundWithItsLine() throws IOException {
    Path run = WholeRun.copy(folder);
    Path segment = LineRun.files(run.resolve("ledger")).get(0);
    DamagedRun.flip(segment);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(run.relativize(segment) + ":");
    assertThat(called.out()).contains("checksum");
  }

  @Test
  void aRunThatIsBeingWrittenIsVerifiedAsFarAsItIsCommitted() throws IOException {
    Path run = WholeRun.copy(folder);
    RunDirectory directory = RunDirectory.at(run.toString(), new Configuration());
    try (RunLock lock = RunLock.acquire(directory, Clock.systemUTC())) {
      // a table that is just made anew: what was made from it is about to be, too
      new Commits(directory).withdraw("examples/round=0", lock.epoch());
      VerifyCall called = VerifyCall.verify(run);
      called.isWhole();
      assertThat(called.out()).contains("note: a driver is at work here");
    }
  }

  @Test
  void swappedFilesAreFound() throws IOException {
    Path run = WholeRun.copy(folder);
    Path one = run.resolve(CANDIDATES + ".parquet");
    Path other = run.resolve("candidates/round=1/part-00000.parquet");
    Path aside = folder.resolve("aside");
    Files.move(one, aside);
    Files.move(other, one);
    Files.move(aside, other);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(CANDIDATES + ".parquet: its bytes are not those of its manifest");
    assertThat(called.out()).contains("wrong: candidates/round=1/part-00000.parquet: its bytes");
  }

  @Test
  void aForeignManifestIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    Path manifest = run.resolve("_manifests/" + CANDIDATES + ".json");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replaceFirst(
                "\"identity\" : \"[0-9a-f]{64}\"", "\"identity\" : \"" + "0".repeat(64) + "\""));
    VerifyCall.verify(run)
        .finds("_manifests/" + CANDIDATES + ".json: is of another run (identity 0000");
    Files.copy(
        run.resolve("_manifests/candidates/round=1/part-00000.json"),
        manifest,
        StandardCopyOption.REPLACE_EXISTING);
    VerifyCall.verify(run)
        .finds(
            "_manifests/"
                + CANDIDATES
                + ".json: stands for candidates/round=1/part-00000.parquet, which is not of that"
                + " place");
  }

  @Test
  void anEditedExportIsFoundInTheRunAndByItself() throws IOException {
    Path run = WholeRun.copy(folder);
    Path file = run.resolve("dataset/alpaca.jsonl");
    Files.writeString(
        file, Files.readString(file).replaceFirst("\"instruction\"", "\"Instruction\""));
    VerifyCall.verify(run).finds("dataset/alpaca.jsonl: its bytes are not those of its manifest");
    VerifyCall.verify(run.resolve("dataset")).finds("alpaca.jsonl: its bytes");
  }

  @Test
  void anEditedCardIsFoundAndAFileThatWasPutThere() throws IOException {
    Path run = WholeRun.copy(folder);
    Path card = run.resolve("dataset/README.md");
    Files.writeString(card, Files.readString(card) + "Perfect data.\n");
    Files.writeString(run.resolve("dataset/more.jsonl"), "{}\n");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("dataset/README.md: its bytes");
    assertThat(called.out()).contains("dataset/more.jsonl: was not written by Cria");
    VerifyCall.verify(run.resolve("dataset")).finds("README.md: its bytes");
  }

  @Test
  void aDatasetByItselfIsWhole() {
    VerifyCall called = VerifyCall.verify(WholeRun.path().resolve("dataset"));
    called.isWhole();
    assertThat(called.out()).contains("this dataset is as it was made", "has no lineage to follow");
  }

  @Test
  void whatIsNoneOfTheseIsBadInput() throws IOException {
    VerifyCall called = VerifyCall.verify(Files.createDirectory(folder.resolve("empty")));
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains("neither a run (run.json), a dataset").hasLineCount(1);
  }

  @Test
  void editedCountsOfARunThatHasEndedAreFound() throws IOException {
    Path run = WholeRun.copy(folder);
    Path status = run.resolve("status.json");
    String text = Files.readString(status);
    String edited = text.replaceFirst("\"kept\" : \\d+", "\"kept\" : 1000");
    assertThat(edited).isNotEqualTo(text);
    Files.writeString(status, edited);
    VerifyCall called = VerifyCall.verify(run);
    called.finds("status.json: counts 1000 'kept' of candidates, and its manifests ");
    assertThat(called.out().lines().filter(line -> line.startsWith("wrong:"))).hasSize(1);

    // a driver that was killed has counted less than it committed
    Files.writeString(status, edited.replace("\"state\" : \"done\"", "\"state\" : \"running\""));
    VerifyCall.verify(run).isWhole();
  }

  @Test
  void whatAReportKeepsIsHeldAgainstItsManifestAndTheRun() throws IOException {
    Path run = WholeRun.copy(folder);
    RunDirectory directory = RunDirectory.at(run.toString(), new Configuration());
    new RunReport(LocalSpark.session(), directory, Clock.systemUTC(), told -> {})
        .html(Long.MAX_VALUE);
    VerifyCall called = VerifyCall.verify(run);
    called.isWhole();
    assertThat(called.out()).contains("derived tables").doesNotContain("earlier tables");

    Path manifest = run.resolve("_beside/traits/" + Commits.COPY);
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.substring(1));
    VerifyCall.verify(run)
        .finds("_beside/traits/" + Commits.COPY + ": is no manifest: it was damaged");
    Files.writeString(
        manifest, text.replaceFirst("(\"sha256\" : \")[0-9a-f]{64}", "$1" + "0".repeat(64)));
    VerifyCall stale = VerifyCall.verify(run);
    stale.isWhole();
    assertThat(stale.out()).contains("note: traits was computed from earlier tables than lie here");
    Files.writeString(
        manifest,
        text.replaceFirst(
            "\"identity\" : \"[0-9a-f]{64}\"", "\"identity\" : \"" + "0".repeat(64) + "\""));
    VerifyCall.verify(run)
        .finds("_beside/traits/" + Commits.COPY + ": is of another run (identity 0000");
    Files.writeString(manifest, text.replaceFirst("\"rows\" : \\d+", "\"rows\" : 1"));
    VerifyCall.verify(run).finds("_beside/traits/" + Commits.COPY + ": has 1 rows, and there are ");
    Files.writeString(manifest, text);

    Path file =
        LineRun.files(run.resolve("neighbours")).stream()
            .filter(path -> path.toString().endsWith(".parquet"))
            .findFirst()
            .orElseThrow();
    DamagedRun.flip(file);
    VerifyCall.verify(run).finds(run.relativize(file) + ": its bytes are not those");
  }

  @Test
  void tablesThatAreTooLargeToHoldAreVerifiedBySparkAlike() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.GENERATE.table(),
        CANDIDATES + ".parquet",
        rows -> {
          rows.set(1, rows.get(0));
          rows.set(2, DamagedRun.with(rows.get(2), "candidate_id", "x"));
          return rows;
        });
    DamagedRun.forge(run, CANDIDATES, manifest -> manifest);
    VerifyCall held = VerifyCall.verify(run);
    held.finds(CANDIDATES + ".parquet, row 3: candidate_id x is not request_key and item");
    RuntimeConfig conf = LocalSpark.session().conf();
    conf.set("spark.cria.verify.heldRows", "0");
    try {
      VerifyCall bySpark = VerifyCall.verify(run);
      assertThat(bySpark.code()).as(bySpark.err()).isEqualTo(held.code());
      assertThat(bySpark.out().lines().sorted().toList())
          .isEqualTo(held.out().lines().sorted().toList());
    } finally {
      conf.unset("spark.cria.verify.heldRows");
    }
  }

  @Test
  void anOldCardWithoutItsWeightsIsDamageAndWithThemBadInput() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("cria.json"), "{\"base\" : \"models/llama\"}");
    VerifyCall.verify(model).finds("cria.json: no weights lie beside it");

    Files.write(model.resolve("model.safetensors"), new byte[8]);
    VerifyCall unsealed = VerifyCall.verify(model);
    assertThat(unsealed.code()).isEqualTo(2);
    assertThat(unsealed.err()).contains("has no checksums to verify anything by").hasLineCount(1);
  }
}
