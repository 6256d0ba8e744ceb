package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.stage.AnswersGiven;
import io.cria.stage.KeptVerdicts;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria verify} on an evaluation that a judge and a person have judged. */
class VerifiedEvaluationTest {
  private static final String GIVEN = "answers_given/round=1/part-00000";
  private static final String ANNA = KeptVerdicts.path("people/pairs", "anna");

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path whole;

  @BeforeAll
  static void evaluate() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(shared).with("limit", "12")) {
      assertThat(run.go()).isTrue();
      assertThat(run.go(run.verdicts("anna", left -> left.startsWith("gold")))).isTrue();
      whole = run.directory();
    }
  }

  private Path copy() throws IOException {
    return HandMadeRun.copy(whole, folder.resolve("run"));
  }

  private static void replace(Path file, String pattern, String other) throws IOException {
    String text = Files.readString(file);
    assertThat(text).containsPattern(pattern);
    Files.writeString(file, text.replaceFirst(pattern, other));
  }

  @Test
  void anEvaluationIsWhole() {
    VerifyCall called = VerifyCall.verify(whole);
    called.isWhole();
    assertThat(called.out())
        .contains("answers_given", "judge_pairs", "verdicts", "lineage beside")
        .doesNotContain("not yet counted");
  }

  @Test
  void aChangedVoteAndAnEditedReportAreFound() throws IOException {
    Path run = copy();
    replace(run.resolve(ANNA), "\"verdict\":\"left\"", "\"verdict\":\"right\"");
    replace(run.resolve("report.json"), "\"wins\" : \\d+", "\"wins\" : 12");
    VerifyCall called = VerifyCall.verify(run);
    called.finds(ANNA + ": its votes are not those that were counted");
    called.finds("report.json: says 12 wins of strong against plain by model:kent, and the table");
    called.finds("report.txt: is not what report.json says");
  }

  @Test
  void whatIsJudgedOnAPageSinceTheCountIsNoDamage() throws IOException {
    Path run = copy();
    KeptVerdicts.uncounted(RunDirectory.at(run.toString(), new Configuration()));
    replace(run.resolve(ANNA), "\"verdict\":\"left\"", "\"verdict\":\"right\"");
    VerifyCall called = VerifyCall.verify(run);
    called.isWhole();
    assertThat(called.out()).contains("note: " + ANNA + ": votes that are not yet counted");
  }

  @Test
  void anEditedTextOfTheReportIsFound() throws IOException {
    Path run = copy();
    replace(run.resolve("report.txt"), "no difference seen", "a difference seen");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("report.txt: is not what report.json says");
    assertThat(called.out().lines().filter(line -> line.startsWith("wrong:"))).hasSize(1);
  }

  @Test
  void anAnswerThatNobodyGaveIsFoundWithItsRow() throws IOException {
    Path run = copy();
    String answer = "f".repeat(64) + ".1";
    DamagedRun.rewrite(
        run,
        AnswersGiven.TABLE,
        GIVEN + ".parquet",
        rows -> {
          rows.set(2, DamagedRun.with(rows.get(2), "answer_id", answer));
          rows.set(3, DamagedRun.with(rows.get(3), "answerer", "strong"));
          rows.set(4, DamagedRun.with(rows.get(4), "prompt_id", "own_99"));
          return rows;
        });
    DamagedRun.forge(run, GIVEN, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(GIVEN + ".parquet, row 3: answer_id " + answer + " is not in answers as it");
    called.finds(
        GIVEN + ".parquet, row 4: answerer \"strong\" is not the one whose answers this file has");
    called.finds(GIVEN + ".parquet, row 5: prompt_id own_99 is not in requests as it stands here");
    called.finds("_manifests/pairs.json: was made from another answers_given/round=1");
  }

  @Test
  void aTableThatIsGoneIsMissedByWhatWasMadeFromIt() throws IOException {
    Path run = copy();
    Files.delete(run.resolve("_manifests/" + GIVEN + ".json"));
    replace(run.resolve("inputs/set/own.jsonl"), "number 3", "number 4");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("_manifests/pairs.json: was made from answers_given/round=1, which is not here");
    called.finds(
        "_manifests/requests/stage=answers-plain/round=1.json: was made from another inputs/set");
  }
}
