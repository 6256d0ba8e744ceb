package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.cli.Main;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.run.TableDeclaration;
import io.cria.run.VerdictTable;
import io.cria.stage.JudgeQuestions;
import io.cria.stage.KeptVerdicts;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria verify} on a run that people and a judge have reviewed. */
@ExtendWith(WholeRun.class)
class VerifiedReviewTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANNA = "review/first/" + KeptVerdicts.path("people", "anna");
  private static final String JUDGED = "review/round=0/part-00000";
  private static final TableDeclaration TABLE =
      new TableDeclaration("review", JudgeQuestions.COLUMNS, false);

  @TempDir static Path made;
  @TempDir Path folder;

  private static Path whole;

  @BeforeAll
  static void aRunIsReviewed() throws IOException {
    whole = WholeRun.copy(made);
    String verdict = "As asked.\nValid task: yes\nFitting input: yes\nAcceptable output: no";
    try (ScriptedServer judge = ScriptedServer.start(call -> Reply.text(call, verdict))) {
      review();
      review(
          "--verdicts",
          given(made, "anna", "yes"),
          "--judge",
          LineRun.home().resolve("conf/judge.yaml").toAbsolutePath(),
          "--base-url",
          judge.baseUrl(),
          "--set",
          "endpoint.keyEnv=none");
    }
  }

  private static void review(Object... more) {
    List<String> words =
        new ArrayList<>(List.of("review", whole.toString(), "--name", "first", "--sample", "4"));
    for (Object word : more) {
      words.add(word.toString());
    }
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            words.toArray(String[]::new));
    assertThat(code).as(err.toString()).isZero();
  }

  /** A person's file, who says the same of all that was drawn. */
  private static Path given(Path folder, String rater, String verdict) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(whole.resolve("review/first/sample.jsonl"))) {
      JsonNode example = JSON.readTree(line);
      lines.add(
          JSON.createObjectNode()
              .put("rater", rater)
              .put("subject", example.path("subject").asText())
              .put("question", "valid_task")
              .put("verdict", verdict)
              .toString());
    }
    return Files.write(folder.resolve(rater + ".jsonl"), lines);
  }

  private Path copy() throws IOException {
    return HandMadeRun.copy(whole, folder.resolve("run"));
  }

  private static void replace(Path file, String old, String other) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, other));
  }

  @Test
  void aReviewedRunIsWholeAndTellsTheNotesOfItsReviews() throws IOException {
    Path run = copy();
    Path segment = LineRun.files(run.resolve("review/first/ledger")).get(0);
    Files.writeString(segment, "{\"torn", StandardOpenOption.APPEND);
    VerifyCall called = VerifyCall.verify(run);
    called.isWhole();
    assertThat(called.out())
        .contains("verdicts", "reviews")
        .contains("note: review/first: 1 last lines of ledger segments are torn");
    VerifyCall alone = VerifyCall.verify(run.resolve("review/first"));
    alone.isWhole();
    assertThat(alone.out())
        .contains("lineage beside")
        .contains("of a review are held against its run's verdicts");
  }

  @Test
  void aChangedVoteIsFoundAndAFileOfVotesThatIsGone() throws IOException {
    Path run = copy();
    replace(run.resolve(ANNA), "\"verdict\":\"yes\"", "\"verdict\":\"no\"");
    VerifyCall called = VerifyCall.verify(run);
    called.finds(ANNA + ": its votes are not those that were counted");
    assertThat(called.out().lines().filter(line -> line.startsWith("wrong:"))).hasSize(1);

    Files.delete(run.resolve(ANNA));
    VerifyCall.verify(run).finds(ANNA + ": is missing, and verdicts/kind=review/name=first counts");
  }

  @Test
  void aReviewThatIsGoneIsFound() throws IOException {
    Path run = copy();
    for (Path file : LineRun.files(run.resolve("review")).stream().toList()) {
      Files.delete(file);
    }
    VerifyCall.verify(run)
        .finds(
            "_beside/verdicts/kind=review/name=first/_manifest.json: was counted from review/first/,"
                + " which is not here");
  }

  @Test
  void votesThatAReviewThatGoesOnHasNotCountedYetAreNoDamage() throws IOException {
    Path run = copy();
    String ben = KeptVerdicts.path("people", "ben");
    Files.copy(given(folder, "ben", "no"), run.resolve("review/first").resolve(ben));
    VerifyCall more = VerifyCall.verify(run);
    more.isWhole();
    assertThat(more.out())
        .contains("note: review/first/" + ben + ": votes that are not yet counted");

    // a call that took Anna's new file, and was cut while it asked the judge
    replace(run.resolve(ANNA), "\"verdict\":\"yes\"", "\"verdict\":\"no\"");
    Path status = run.resolve("review/first/status.json");
    replace(status, "\"state\" : \"done\"", "\"state\" : \"capped\"");
    VerifyCall cut = VerifyCall.verify(run);
    cut.isWhole();
    assertThat(cut.out()).contains("note: " + ANNA + ": votes that are not yet counted");
  }

  @Test
  void whatIsJudgedOnAPageSinceTheCountIsNoDamage() throws IOException {
    Path run = copy();
    Path review = run.resolve("review/first");
    RunDirectory directory = RunDirectory.at(review.toString(), new Configuration());
    KeptVerdicts.uncounted(directory);
    replace(run.resolve(ANNA), "\"verdict\":\"yes\"", "\"verdict\":\"no\"");
    VerifyCall changed = VerifyCall.verify(run);
    changed.isWhole();
    assertThat(changed.out()).contains("note: " + ANNA + ": votes that are not yet counted");

    Files.delete(run.resolve(ANNA));
    VerifyCall undone = VerifyCall.verify(run);
    undone.isWhole();
    assertThat(undone.out()).contains("note: " + ANNA + ": votes that are taken back");
  }

  @Test
  void aCountTakesTheMarkOfThePageAway() throws IOException {
    RunDirectory directory =
        RunDirectory.at(whole.resolve("review/first").toString(), new Configuration());
    KeptVerdicts.uncounted(directory);
    review();
    assertThat(KeptVerdicts.areUncounted(directory)).isFalse();
    VerifyCall.verify(whole).isWhole();
  }

  @Test
  void anEditedReportIsFoundByWhatTheVerdictsComeTo() throws IOException {
    Path run = copy();
    Path report = run.resolve("review/first/report.json");
    String whole = Files.readString(report);
    replace(report, "\"anna\" : 4", "\"anna\" : 40");
    VerifyCall.verify(run).finds("review/first/report.json: its 'raters' is not what the sample");

    Files.writeString(report, whole.replaceFirst("\"yes\" : \\d+", "\"yes\" : 1"));
    VerifyCall.verify(run).finds("review/first/report.json: its 'statistics' is not what");

    Files.writeString(report, "[]");
    VerifyCall.verify(run).finds("review/first/report.json: is no JSON object");

    Files.delete(report);
    VerifyCall.verify(run).finds("review/first/report.json: is missing");
  }

  @Test
  void anotherJudgeThanWasAskedIsFound() throws IOException {
    Path run = copy();
    replace(run.resolve("review/first/judge.json"), "gpt-4.1-mini", "gpt-4.1-maxi");
    VerifyCall.verify(run)
        .finds(
            "review/first/_manifests/requests/stage=review/round=0.json: was made from another"
                + " judge.json than lies here");
  }

  @Test
  void aChangedIdInAJudgesTableIsFoundWithItsRow() throws IOException {
    Path run = copy();
    Path review = run.resolve("review/first");
    String answer = "f".repeat(64) + ".1";
    DamagedRun.rewrite(
        review,
        TABLE,
        JUDGED + ".parquet",
        rows -> {
          rows.set(1, DamagedRun.with(rows.get(1), "answer_id", answer));
          rows.set(4, DamagedRun.with(rows.get(4), "subject_id", "nothing"));
          return rows;
        });
    DamagedRun.forge(review, JUDGED, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(
        "review/first/"
            + JUDGED
            + ".parquet, row 2: answer_id "
            + answer
            + " is not in answers as it stands here");
    called.finds(
        "review/first/" + JUDGED + ".parquet, row 5: subject_id nothing is not in requests");
  }

  @Test
  void aVerdictThatNobodyGaveIsFoundWithItsRow() throws IOException {
    Path run = copy();
    RunDirectory directory = RunDirectory.at(run.toString(), new Configuration());
    VerdictTable.Published there = VerdictTable.published(directory).get(0);
    List<Row> rows =
        new ArrayList<>(VerdictTable.read(LocalSpark.session(), directory).collectAsList());
    rows.set(0, DamagedRun.with(rows.get(0), "verdict", "no"));
    VerdictTable.publish(
        directory,
        new Configuration(),
        there.kind(),
        there.name(),
        there.manifest().inputs(),
        rows.iterator());
    VerifyCall called = VerifyCall.verify(run);
    called.finds("verdicts/kind=review/name=first/part-00000-");
    assertThat(called.out())
        .contains(".parquet, row 1: " + rows.get(0).getAs("rater") + " did not say so of")
        .contains("verdicts/kind=review/name=first: lacks what " + rows.get(0).getAs("rater"));
  }

  @Test
  void countsThatDoNotFitAJudgesRowsAreFound() throws IOException {
    Path review = copy().resolve("review/first");
    DamagedRun.rewrite(
        review, TABLE, JUDGED + ".parquet", rows -> rows.subList(0, rows.size() - 1));
    DamagedRun.forge(review, JUDGED, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(review);
    called.finds("_manifests/" + JUDGED + ".json: counts 12 rows by reason, and has 11");
  }
}
