package io.cria.pipeline;

import static io.cria.pipeline.WholeRun.CANDIDATES;
import static io.cria.pipeline.WholeRun.EXAMPLES;
import static org.assertj.core.api.Assertions.assertThat;

import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.run.VerdictTable;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria verify} on a run whose rows were changed, with manifests made to fit. */
@ExtendWith(WholeRun.class)
class VerifiedRowsTest {
  @TempDir Path folder;

  @Test
  void whatALaterDriverMadeAnewHasNotReachedTheNextTableYet() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.INSTANCES.table(),
        "instances/round=0/part-00000.parquet",
        rows -> rows.stream().map(row -> DamagedRun.with(row, "input", "as retried")).toList());
    DamagedRun.forge(
        run, "instances/round=0/part-00000", manifest -> manifest.withEpoch(manifest.epoch() + 1));
    VerifyCall called = VerifyCall.verify(run);
    called.isWhole();
    assertThat(called.out())
        .contains("note: examples/round=0 was made from an earlier instances/round=0");
  }

  @Test
  void aRemovedRowIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run, Line.GENERATE.table(), CANDIDATES + ".parquet", rows -> rows.subList(1, rows.size()));
    VerifyCall.verify(run).finds(CANDIDATES + ".parquet: its bytes are not those of its manifest");
    assertThat(VerifyCall.verify(run).out()).contains("rows, and its manifest says");
  }

  @Test
  void aRemovedRowWhoseManifestFitsIsFoundByWhatHangsOnIt() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.INSTANCES.table(),
        "instances/round=0/part-00000.parquet",
        rows -> rows.subList(0, 3));
    DamagedRun.forge(run, "instances/round=0/part-00000", manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds("_manifests/instances/round=0/part-00000.json: counts ");
    assertThat(called.out())
        .contains("wrong: " + EXAMPLES + ", row ")
        .contains("is not in instances as it stands here")
        .contains("_manifests/examples/round=0.json: was made from another instances/round=0");
  }

  @Test
  void anAddedRowIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.GENERATE.table(),
        CANDIDATES + ".parquet",
        rows -> {
          rows.add(rows.get(0));
          return rows;
        });
    DamagedRun.forge(run, CANDIDATES, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(CANDIDATES + ".parquet, row ");
    assertThat(called.out()).contains("stands in 2 rows");
  }

  @Test
  void aChangedIdIsFoundWithItsRow() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.GENERATE.table(),
        CANDIDATES + ".parquet",
        rows -> {
          rows.set(2, DamagedRun.with(rows.get(2), "candidate_id", "f".repeat(64) + "#0"));
          return rows;
        });
    DamagedRun.forge(run, CANDIDATES, manifest -> manifest);
    VerifyCall.verify(run)
        .finds(
            CANDIDATES
                + ".parquet, row 3: candidate_id "
                + "f".repeat(64)
                + "#0 is not request_key and item");
  }

  @Test
  void aRequestThatAsksSomethingElseThanItsKeySaysIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    String unit = "requests/stage=generate/round=0";
    DamagedRun.rewrite(
        run,
        Line.REQUESTS,
        unit + "/part-00000.parquet",
        rows -> {
          rows.set(1, DamagedRun.with(rows.get(1), "model", "another"));
          return rows;
        });
    DamagedRun.forge(run, unit, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(unit + "/part-00000.parquet, row 2: request_key ");
    assertThat(called.out()).contains("is not that of what is asked");
  }

  @Test
  void aReasonThatIsNoneIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.GENERATE.table(),
        CANDIDATES + ".parquet",
        rows -> {
          rows.replaceAll(
              row ->
                  "too_short".equals(row.getAs("reason"))
                      ? DamagedRun.with(row, "reason", "dull")
                      : row);
          return rows;
        });
    DamagedRun.forge(run, CANDIDATES, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(CANDIDATES + ".parquet, row ");
    assertThat(called.out()).contains("reason \"dull\" is no word of the closed list");
  }

  @Test
  void aDanglingLineageIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    Files.delete(run.resolve("_manifests/" + CANDIDATES + ".json"));
    Files.delete(run.resolve(CANDIDATES + ".parquet"));
    VerifyCall called = VerifyCall.verify(run);
    called.finds("");
    assertThat(called.out())
        .contains(
            "_manifests/examples/round=0.json: was made from candidates/round=0, which is not here")
        .contains("is not in candidates as it stands here");
  }

  @Test
  void anAnswerThatAnotherStandsInPlaceOfIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    String unit = "answers/stage=generate/round=0/part-00000";
    DamagedRun.rewrite(
        run,
        Line.ANSWERS,
        unit + ".parquet",
        rows -> {
          long first = rows.get(0).getAs("offset");
          int length = rows.get(0).getAs("length");
          rows.set(
              1, DamagedRun.with(DamagedRun.with(rows.get(1), "offset", first), "length", length));
          return rows;
        });
    DamagedRun.forge(run, unit, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(unit + ".parquet, row 2: ");
    assertThat(called.out()).contains("is another answer there");
  }

  @Test
  void aChangedCountIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.forge(
        run,
        CANDIDATES,
        manifest -> {
          Map<String, Long> counts = new TreeMap<>(manifest.counts());
          counts.merge("kept", 1L, Long::sum);
          counts.merge("similar", -1L, Long::sum);
          return new Manifest(
              manifest.format(),
              manifest.epoch(),
              manifest.stage(),
              manifest.stageVersion(),
              manifest.identity(),
              manifest.random(),
              manifest.inputs(),
              manifest.files(),
              counts,
              manifest.asked());
        });
    VerifyCall called = VerifyCall.verify(run);
    called.finds("_manifests/" + CANDIDATES + ".json: counts ");
    assertThat(called.out()).contains("rows 'kept', and there are ");
  }

  private static void judge(Path run, String subject) {
    judge(run, "review", subject);
  }

  private static void judge(Path run, String kind, String subject) {
    VerdictTable.publish(
        RunDirectory.at(run.toString(), new Configuration()),
        new Configuration(),
        kind,
        "first",
        List.of(),
        List.of(
                Rows.row(
                    Schemas.VERDICTS,
                    subject,
                    kind,
                    "first",
                    "anna",
                    "valid_task",
                    "yes",
                    null,
                    "",
                    null,
                    null))
            .iterator());
  }

  @Test
  void aVerdictForNoSubjectIsFound() throws IOException {
    Path run = WholeRun.copy(folder);
    String example =
        LocalSpark.session()
            .read()
            .parquet(run.resolve(EXAMPLES).toString())
            .select("example_id")
            .first()
            .getString(0);
    judge(run, example);
    VerifyCall.verify(run).isWhole();
    judge(run, example + "-not");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("verdicts/kind=review/name=first/part-00000-");
    assertThat(called.out())
        .contains(
            ".parquet, row 1: a verdict for " + example + "-not, which is no example of the run");
  }

  @Test
  void manyFindingsAreCountedAndTheFirstTold() throws IOException {
    Path run = WholeRun.copy(folder);
    DamagedRun.rewrite(
        run,
        Line.GENERATE.table(),
        CANDIDATES + ".parquet",
        rows -> rows.stream().map(row -> DamagedRun.with(row, "answer_id", "x")).toList());
    DamagedRun.forge(run, CANDIDATES, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(CANDIDATES + ".parquet, row ");
    assertThat(called.out().lines().filter(line -> line.startsWith("wrong: ")))
        .hasSizeLessThanOrEqualTo(21);
    assertThat(called.out()).containsPattern("wrong: \\d+ more");
    assertThat(called.err()).containsPattern("run: \\d+ things are not");
  }

  @Test
  void aVerdictForNoPairIsFoundAndAJudgementByItselfIsBadInput() throws IOException {
    Path run = WholeRun.copy(folder);
    Files.createDirectory(run.resolve("pairs-key"));
    Files.writeString(run.resolve("pairs-key/key.jsonl"), "{\"pair_id\":\"p1\"}\n");
    judge(run, "pair", "p1");
    VerifyCall.verify(run).isWhole();
    judge(run, "pair", "p2");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("verdicts/kind=pair/name=first/part-00000-");
    assertThat(called.out()).contains("a verdict for p2, which is no pair of the evaluation");
    VerifyCall alone = VerifyCall.verify(run.resolve("verdicts/kind=pair/name=first"));
    assertThat(alone.code()).isEqualTo(2);
    assertThat(alone.err()).contains("a judgement is verified with its run: name the run");
  }
}
