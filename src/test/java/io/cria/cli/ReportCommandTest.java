package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.report.RunReport;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands report and status --statistics, and the report at the end of a run. */
class ReportCommandTest {
  @TempDir static Path folder;

  @BeforeAll
  static void makeTheRun() {
    RunDirectory unused = HandMadeRun.write(LocalSpark.session(), folder.resolve("run"));
  }

  /** A run's last step, after it worked or not. */
  private static String told(RunDirectory run, boolean worked) {
    StringWriter err = new StringWriter();
    PrintWriter writer = new PrintWriter(err);
    new AutomaticReport(run, writer, false).write(LocalSpark.session(), worked);
    writer.flush();
    return err.toString();
  }

  private static RunDirectory withDataset(String name) {
    RunDirectory made = HandMadeRun.write(LocalSpark.session(), folder.resolve(name));
    new Commits(made)
        .publish(
            "dataset",
            Map.of(),
            new Manifest(
                Manifest.FORMAT, 1, "test", 1, "", "", List.of(), List.of(), Map.of(), null));
    return made;
  }

  @Test
  void theReportIsWrittenIntoTheRunOrWhereItIsWanted() throws IOException {
    Path file = folder.resolve("run/report.html");
    Called called = Called.with("report", folder.resolve("run"));
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out()).isEqualTo(file + System.lineSeparator());
    assertThat(Files.readString(file)).startsWith("<!doctype html>").contains("Name a fish.");

    Path other = folder.resolve("other.html");
    assertThat(Called.with("report", folder.resolve("run"), "--output", other).code()).isZero();
    assertThat(other).isNotEmptyFile();
    assertThat(Called.with("report", folder.resolve("run"), "--output", other).code())
        .as("a report takes the place of a report")
        .isZero();
    Files.writeString(other, "mine");
    Called refused = Called.with("report", folder.resolve("run"), "--output", other);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains(other + " is there already: give --force, or another name")
        .hasLineCount(1);
    assertThat(other).hasContent("mine");
    assertThat(Called.with("report", folder.resolve("run"), "--output", other, "--force").code())
        .isZero();
    assertThat(other).content().startsWith("<!doctype html>");

    Called nowhere =
        Called.with("report", folder.resolve("run"), "--output", folder.resolve("none/x.html"));
    assertThat(nowhere.code()).isEqualTo(2);
    assertThat(nowhere.err()).contains("--output").contains("give a file that you may write to");
  }

  @Test
  void whatIsNoEvaluationIsRefused() throws IOException {
    Path none = Files.createDirectory(folder.resolve("no-evaluation"));
    Called called = Called.with("report", folder.resolve("run"), "--evaluation", none);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .contains(none + "/report.json: there is no report of an evaluation here")
        .hasLineCount(1);
    for (String other : List.of("{}", "[", "{\"format\":1,\"sample\":3}")) {
      Files.writeString(none.resolve("report.json"), other);
      Called wrong = Called.with("report", folder.resolve("run"), "--evaluation", none);
      assertThat(wrong.code()).as(other).isEqualTo(2);
      assertThat(wrong.err()).contains("is no report of an evaluation").hasLineCount(1);
    }
  }

  @Test
  void aDirectoryThatIsNoRunIsRefused() throws IOException {
    Called called = Called.with("report", folder.resolve("nothing"));
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).contains("there is no run here");

    Path beside = Files.createDirectory(folder.resolve("beside"));
    Files.writeString(
        beside.resolve("run.json"),
        "{\"format\":2,\"identity_hash\":\"\",\"identity\":{\"kind\":\"evaluation\"},"
            + "\"versions\":{},\"git_commit\":\"\"}");
    for (String command : List.of("report", "view")) {
      Called other = Called.with(command, beside);
      assertThat(other.code()).as(command).isEqualTo(2);
      assertThat(other.err())
          .contains(beside + ": this directory holds no run but an evaluation")
          .hasLineCount(1);
    }
    assertThat(beside.resolve("report.html")).doesNotExist();
  }

  @Test
  void statusTellsThePapersTable() {
    Called called = Called.with("status", folder.resolve("run"), "--statistics");
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out().lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "instructions 1",
            "- classification instructions 0",
            "- non-classification instructions 1",
            "instances 1",
            "- instances with empty input 1",
            "average instruction length (words) 3.0",
            "average non-empty input length (words) 0.0",
            "average output length (words) 3.0");
    assertThat(Called.with("status", folder.resolve("run"), "--statistics", "--json").out())
        .contains("\"empty_inputs\" : 1");
  }

  @Test
  void aRunsEndWritesItWhereThereIsADatasetAndOnce() throws IOException {
    assertThat(told(HandMadeRun.started(LocalSpark.session(), folder.resolve("begun")), true))
        .as("there is nothing to report yet")
        .isEmpty();
    RunDirectory done = withDataset("done");
    Path file = folder.resolve("done/report.html");
    assertThat(told(done, true)).contains("cria: report: " + file);
    Files.writeString(file, "mine");
    assertThat(told(done, false)).as("nothing was done").isEmpty();
    assertThat(file).hasContent("mine");
  }

  @Test
  void aReportThatFailsIsAWarningWithTheCommandToRepeat() throws IOException {
    RunDirectory done = withDataset("failing");
    Files.write(folder.resolve("failing/instances/round=0/part-00000.parquet"), new byte[7]);
    assertThat(told(done, true))
        .startsWith(
            "cria: warning: the run is done, but its report was not written, "
                + folder.resolve("failing/report.html"))
        .contains("was not written whole")
        .contains("cria report " + folder.resolve("failing") + " writes it")
        .hasLineCount(1);
  }

  @Test
  void aReportThatFailsByACheckedExceptionChangesNothingOfARunsEnd() throws IOException {
    RunDirectory done = withDataset("unreadable");
    Path part = folder.resolve("unreadable/candidates/round=0/part-00000.parquet");
    Files.write(part, new byte[Math.toIntExact(Files.size(part))]);
    assertThatThrownBy(
            () ->
                new RunReport(LocalSpark.session(), done, Clock.systemUTC(), line -> {})
                    .html(Long.MAX_VALUE))
        .as("what Spark throws")
        .isNotInstanceOf(RuntimeException.class)
        .isInstanceOf(Exception.class);

    StringWriter err = new StringWriter();
    AutomaticReport report = new AutomaticReport(done, new PrintWriter(err, true), false);
    assertThat(report.after(LocalSpark.session(), () -> true)).isTrue();
    assertThat(err.toString()).containsOnlyOnce("its report was not written");
    CriaException capped = new CriaException(ExitCode.CAP_REACHED, "capped");
    assertThatThrownBy(
            () ->
                report.after(
                    LocalSpark.session(),
                    () -> {
                      throw capped;
                    }))
        .isSameAs(capped);
    assertThat(err.toString().split("its report was not written", -1)).hasSize(3);
  }

  @Test
  void moreThanMayBeComparedAreNot() throws IOException {
    RunDirectory unused = HandMadeRun.write(LocalSpark.session(), folder.resolve("large"));
    Called called = Called.with("report", folder.resolve("large"), "--most-compared", 0);
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(Files.readString(folder.resolve("large/report.html")))
        .contains("Not computed for more than 0 instructions: cria report RUN --most-compared 1");
    assertThat(folder.resolve("large/neighbours")).doesNotExist();
    Called negative = Called.with("report", folder.resolve("large"), "--most-compared", -1);
    assertThat(negative.code()).isEqualTo(2);
    assertThat(negative.err()).contains("--most-compared -1: give at least 0");
  }
}
