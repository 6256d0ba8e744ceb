package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sql.RunViews;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands that read a run: status, show, sql. */
class RunCommandsTest {
  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void makeTheRun() {
    run = folder.resolve("run");
    HandMadeRun.write(LocalSpark.session(), run);
  }

  @Test
  void statusTellsCountsSpendAndDamage() {
    Called called = Called.with("status", run);
    assertThat(called.code()).isZero();
    assertThat(called.out().lines())
        .contains(
            "run          " + run,
            "recipe       self-instruct, model small",
            "state        not started",
            "rounds       1 committed",
            "unfinished   generate round 1: 0 of 1 requests answered; the same command goes on",
            "candidates   3: kept 1, similar 1, too_short 1",
            "instances    2: kept 1, same_as_input 1",
            "examples     1",
            "requests     3: ok 2, retry-transient 1",
            "tokens       80 sent, 24 generated",
            "spent        $0.5000",
            "stage     requests  answers  tokens sent  generated  usd",
            "generate  3         2        80           24         $0.5000")
        .anyMatch(line -> line.startsWith("made by      cria ") && line.length() <= 80)
        .anyMatch(line -> line.startsWith("damage ") && line.contains("segment-0.jsonl:4"))
        .anyMatch(line -> line.startsWith("damage ") && line.contains("segment-0.jsonl:5"));
  }

  @Test
  void anExportOfNoRunIsBadInput() {
    Called called = Called.with("export", "nowhere");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .isEqualTo(
            "cria: nowhere: there is no run here (no run.json): give the directory of cria run"
                + " --run"
                + System.lineSeparator());
  }

  @Test
  void statusOfNoRunIsBadInput() {
    Path none = folder.resolve("none");
    assertThat(Called.with("status", none))
        .isEqualTo(
            new Called(
                2,
                "",
                "cria: "
                    + none
                    + ": there is no run here (no run.json): give the directory of a run"
                    + System.lineSeparator()));
  }

  @Test
  void showTellsAnExampleAndWhereItCameFrom() {
    assertThat(Called.with("show", run).out())
        .isEqualTo(
            String.join(
                "\n",
                "── 1 of 1 ── round 0, row 0, item 0, instance 0",
                "Instruction  Name a fish.",
                "Output       salmon",
                "             or carp",
                "  example     " + HandMadeRun.KEPT + "/0:plain",
                "  instance    " + HandMadeRun.KEPT + "/0  from answer " + "e".repeat(64) + ".1",
                "  candidate   " + HandMadeRun.KEPT,
                "  answer      " + HandMadeRun.FIRST + ".2  small, stop, 12 tokens, $0.250000",
                "  request     " + HandMadeRun.FIRST,
                "  shown to it seed_1  Name two birds.",
                "              seed_0  Name a colour.",
                ""));
  }

  @Test
  void showRejectedTellsReasonTextAndNeighbour() {
    String out = Called.with("show", run, "--rejected").out();
    assertThat(out)
        .startsWith("candidates similar: 1\ncandidates too_short: 1\ninstances same_as_input: 1\n")
        .contains(
            "── similar ── candidate "
                + HandMadeRun.SECOND
                + "#0\n⟦Name two birds⟧, please.\n  ROUGE-L 0.750 with seed_1\n  ⟦Name two birds⟧.\n")
        .contains("── too_short ── candidate " + HandMadeRun.FIRST + "#1\nName.\n")
        .contains("── same_as_input ── instance " + HandMadeRun.KEPT + "/1\na → a\n");
  }

  @Test
  void showTellsAllOfAnIdByItsFirstLetters() {
    String kept = Called.with("show", run, "aa").out();
    assertThat(kept)
        .startsWith("── candidate " + HandMadeRun.KEPT + " ── round 0, row 0, item 0\n")
        .contains("  verdict     kept\n", "Instruction  Name a fish.\n")
        .contains("  instance    " + HandMadeRun.KEPT + "/0  kept\n")
        .contains("  instance    " + HandMadeRun.KEPT + "/1  rejected: same_as_input\n")
        .contains("  example     " + HandMadeRun.KEPT + "/0:plain\n")
        .contains("  verdict     rejected: too_short\n");
    assertThat(Called.with("show", run, "a#0").out())
        .contains("Name a fish.")
        .doesNotContain("too_short");
    assertThat(Called.with("show", run, HandMadeRun.KEPT + "/0:plain").out())
        .isEqualTo(Called.with("show", run, "a#0").out());
    assertThat(Called.with("show", run, "b").out())
        .contains("⟦Name two birds⟧, please.\n  ROUGE-L 0.750 with seed_1\n");
    assertThat(Called.with("show", run, "c").out())
        .isEqualTo(
            "── request "
                + HandMadeRun.THIRD
                + " ── generate, round 1, row 0\n  attempts    none yet\n");
    assertThat(Called.with("show", run, "seed_1").out())
        .isEqualTo("── seed task seed_1 ──\nInstruction  Name two birds.\nOutput       red\n");
  }

  @Test
  void showTellsASeedTaskByItsInstanceOrExample() {
    for (String id : List.of("seed_1/0", "seed_1/0:plain")) {
      assertThat(Called.with("show", run, id).out())
          .isEqualTo(
              """
              ── seed task seed_1 ── instance 0
              Instruction  Name two birds.
              Output       red
              """);
    }
    refused("seed_1/3", "seed task seed_1 has no instance 3, " + run + ": give one of 0");
    refused("seed_1#0", "no id begins with 'seed_1#0', " + run);
    refused("a/0", "no id begins with 'a/0', " + run);
  }

  @Test
  void anItemOrInstanceThatIsNotThereIsToldSo() {
    refused(
        "a#7",
        "the answer of request " + HandMadeRun.FIRST + " has no item 7, " + run + ": give one of");
    refused("c#0", "has no item 0, " + run + ": it has none");
    refused(
        "a#0/5:plain",
        "candidate " + HandMadeRun.KEPT + " has no instance 5, " + run + ": give one of 0, 1");
  }

  private static void refused(String id, String words) {
    Called called = Called.with("show", run, id);
    assertThat(called.code()).as(called.out()).isEqualTo(2);
    assertThat(called.err()).contains(words);
  }

  @Test
  void anIdThatIsNoneOrTheBeginningOfMoreIsToldSo() {
    Called none = Called.with("show", run, "zz");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("no id begins with 'zz', " + run + ": give one");
    Called many = Called.with("show", run, "seed");
    assertThat(many.code()).isEqualTo(2);
    assertThat(many.err())
        .contains("'seed' is the beginning of 2 ids, " + run + ": seed_0, seed_1: give more of it");
    assertThat(Called.with("show", run, "a", "--rejected").err())
        .contains("leave it out with --rejected");
  }

  @Test
  void showFindsATextInWhatWasKeptAndWhatWasNot() {
    String out = Called.with("show", run, "--grep", "NAME T").out();
    assertThat(out)
        .startsWith("nothing kept has 'NAME T'\n")
        .contains("candidates similar: 1\n")
        .doesNotContain("too_short");
    assertThat(Called.with("show", run, "--grep", "carp").out())
        .startsWith("── 1 of 1 ──")
        .endsWith("\nnothing rejected has 'carp'\n");
  }

  @Test
  void showFindsWhatWasKeptAndIsNoExample() {
    SparkSession spark = LocalSpark.session().newSession();
    RunViews.register(spark, directory(spark));
    Dataset<Row> kept = spark.table("candidates").filter("kept");
    Dataset<Row> waiting = as(kept, HandMadeRun.SECOND + "#5", "Name a \u001b[2Jriver.");
    Dataset<Row> fruitless = as(kept, HandMadeRun.SECOND + "#6", "Name a rivulet.");
    spark
        .table("candidates")
        .union(waiting)
        .union(fruitless)
        .localCheckpoint()
        .createOrReplaceTempView("candidates");
    Dataset<Row> rejected = spark.table("instances").filter("not kept");
    spark
        .table("instances")
        .union(rejected.withColumn("candidate_id", functions.lit(HandMadeRun.SECOND + "#6")))
        .localCheckpoint()
        .createOrReplaceTempView("instances");

    assertThat(Lineage.having(spark, 5, "RIVER", Paint.NONE))
        .startsWith("── 1 of 1 ── round 0, row 0, item 0, no example yet\n")
        .contains("Instruction  Name a ␛[2Jriver.\n")
        .doesNotContain("  example ");
    assertThat(Lineage.having(spark, 5, "rivulet", Paint.NONE))
        .startsWith("── 1 of 1 ── round 0, row 0, item 0, no example\n");
    assertThat(Lineage.having(spark, 5, "fish", Paint.NONE)).startsWith("── 1 of 1 ──");
    assertThat(Lineage.render(spark, 5, Paint.NONE)).startsWith("── 1 of 1 ──").contains("fish");
  }

  private static RunDirectory directory(SparkSession spark) {
    return RunDirectory.at(run.toString(), spark.sparkContext().hadoopConfiguration());
  }

  private static Dataset<Row> as(Dataset<Row> candidates, String id, String instruction) {
    return candidates
        .withColumn("candidate_id", functions.lit(id))
        .withColumn("instruction", functions.lit(instruction));
  }

  @Test
  void aTerminalObeysNothingThatShowTells() {
    SparkSession spark = LocalSpark.session().newSession();
    RunViews.register(spark, directory(spark));
    Dataset<Row> candidates = spark.table("candidates");
    candidates
        .withColumn(
            "instruction",
            functions.concat(functions.lit("\u001b]0;x\u0007\r"), candidates.col("instruction")))
        .localCheckpoint()
        .createOrReplaceTempView("candidates");
    Terminal terminal = Terminal.of(ColourWhen.NEVER, Map.of());
    SideBySide similar = new SideBySide(terminal, Tokenizer.named("rouge-en"));
    for (String key : List.of(HandMadeRun.FIRST, HandMadeRun.SECOND)) {
      assertThat(
              ShownId.render(spark, "run", new RunId(key, false, null, null), Paint.NONE, similar))
          .contains("␛]0;")
          .doesNotContain("\u001b", "\u0007", "\r");
    }
    assertThat(Rejected.render(spark, 5, "", "", Paint.NONE, similar))
        .contains("␛]0;x␇\\rName.\n")
        .doesNotContain("\u001b", "\u0007", "\r");
  }

  @Test
  void showTellsWhatWasRejectedForOneReason() {
    assertThat(Called.with("show", run, "--reason", "too_short").out())
        .isEqualTo(
            "candidates too_short: 1\n\n── too_short ── candidate "
                + HandMadeRun.FIRST
                + "#1\nName.\n");
    Called unknown = Called.with("show", run, "--reason", "too_shrt");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err())
        .contains("did you mean too_short?", "same_as_input, similar, too_short");
  }

  @Test
  void showOfARunWithoutExamplesShowsWhatWasKept() throws IOException {
    Path early = HandMadeRun.copy(run, folder.resolve("early"));
    delete(early.resolve("examples/round=0"));
    assertThat(Called.with("show", early).out())
        .startsWith(
            "── 1 of 1 ── round 0, row 0, item 0, no example yet\nInstruction  Name a fish.\n")
        .doesNotContain("example  ");
  }

  static List<Path> exampleQueries() throws IOException {
    Path queries = Path.of(System.getProperty("cria.home", "."), "jobs", "sql");
    try (Stream<Path> files = Files.list(queries)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("exampleQueries")
  void everyExampleQueryHasSomethingToTellOfARun(Path query) {
    Called called = Called.with("sql", run, "-f", query, "--format", "jsonl");
    assertThat(called.code()).as(called.err()).isZero();
    if (query.endsWith("training.sql") || query.endsWith("judged.sql")) {
      assertThat(called.out()).as("nothing was trained on this run, or judged").isEmpty();
    } else {
      assertThat(called.out()).startsWith("{");
    }
  }

  @Test
  void theHelpOfSqlNamesAQueryThatIsThere() throws IOException {
    Matcher named =
        Pattern.compile("jobs/sql/\\w+\\.sql").matcher(Called.with("sql", "--help").out());
    assertThat(named.find()).isTrue();
    assertThat(exampleQueries()).anyMatch(file -> file.endsWith(named.group()));
  }

  @Test
  void theYieldOfARoundIsCounted() {
    Path query = Path.of(System.getProperty("cria.home", "."), "jobs/sql/yield.sql");
    assertThat(Called.with("sql", run, "-f", query, "--format", "csv").out())
        .isEqualTo(
            """
            round,requests,candidates,kept,kept_per_request
            0,2,3,1,0.5
            1,1,0,0,0.0
            """);
  }

  @Test
  void sqlPrintsATable() {
    Called called =
        Called.with(
            "sql", run, "-e", "select item, kept, reason from candidates order by row, item");
    assertThat(called.code()).isZero();
    assertThat(called.out())
        .isEqualTo(
            """
            item  kept   reason
            ----  -----  ---------
            0     true   NULL
            1     false  too_short
            0     false  similar
            (3 rows)
            """);
  }

  @Test
  void sqlCutsATableAndSaysSo() {
    assertThat(Called.with("sql", run, "--rows", "1", "-e", "select item from candidates").out())
        .endsWith("… more than 1 rows: --rows N shows more, --format jsonl, csv or md all\n");
  }

  @Test
  void sqlFitsATerminalAndCutsNothingElsewhere() {
    String[] query = {"sql", run.toString(), "-e", "select repeat('x', 90) as x, 7 as n"};
    assertThat(Called.with((Object[]) query).out()).contains("\n" + "x".repeat(90) + "  7\n");
    assertThat(onTerminal(query)).contains("\n" + "x".repeat(36) + "…  7\n");
    String[] full = {"sql", run.toString(), "--full", "-e", "select repeat('x', 90) as x"};
    assertThat(onTerminal(full)).contains("\n" + "x".repeat(90) + "\n");
    String[] wide = {"sql", run.toString(), "-e", "select * from candidates limit 1"};
    assertThat(onTerminal(wide)).startsWith("── row 1 ──\ncandidate_id");
  }

  /** At a terminal of 40 columns. */
  private static String onTerminal(String... args) {
    System.setProperty("cria.terminal.out", "true");
    System.setProperty("cria.columns", "40");
    try {
      List<String> all = new ArrayList<>(List.of(args));
      all.add("--color=never");
      return Called.with(all.toArray()).out();
    } finally {
      System.clearProperty("cria.terminal.out");
      System.clearProperty("cria.columns");
    }
  }

  @Test
  void sqlPrintsALineForEachColumnOfARow() {
    assertThat(
            Called.with("sql", run, "--vertical", "-e", "select output, null as none from examples")
                .out())
        .isEqualTo("── row 1 ──\noutput  salmon\n        or carp\nnone    NULL\n(1 row)\n");
    assertThat(Called.with("sql", run, "--vertical", "--format", "csv", "-e", "select 1").code())
        .isEqualTo(2);
  }

  @Test
  void sqlPrintsMarkdownThatNoTextBreaksOutOf() {
    assertThat(
            Called.with(
                    "sql",
                    run,
                    "--format",
                    "md",
                    "-e",
                    "select output, 'a|b \\\\ <i>&' as `x|y`, null as none from examples")
                .out())
        .isEqualTo(
            """
            | output | x\\|y | none |
            | --- | --- | --- |
            | salmon<br>or carp | a\\|b \\\\ &lt;i>&amp; | NULL |
            """);
  }

  @Test
  void csvQuotesWhatWouldBreakAFieldAndNothingElse() {
    assertThat(
            Called.with(
                    "sql",
                    run,
                    "--format",
                    "csv",
                    "-e",
                    "select ' a ' as `x,y`, '# no comment' as b, 'c\"d' as c, '' as e, null as n,"
                        + " concat('f', chr(13), 'g') as f")
                .out())
        .isEqualTo("\"x,y\",b,c,e,n,f\n a ,# no comment,\"c\"\"d\",\"\",,\"f\rg\"\n");
  }

  @Test
  void sqlPrintsJsonLinesWithNulls() {
    assertThat(
            Called.with(
                    "sql",
                    run,
                    "--format",
                    "jsonl",
                    "-e",
                    "select item, reason from candidates where row = 0 order by item")
                .out())
        .isEqualTo("{\"item\":0,\"reason\":null}\n{\"item\":1,\"reason\":\"too_short\"}\n");
  }

  @Test
  void sqlPrintsCsvWithNestedValuesAsJson() {
    assertThat(
            Called.with(
                    "sql",
                    run,
                    "--format",
                    "csv",
                    "-e",
                    "select output, input, demonstrations, null as none from examples"
                        + " join requests where request_key like 'a%'")
                .out())
        .isEqualTo(
            """
            output,input,demonstrations,none
            "salmon
            or carp","","[""seed_1"",""seed_0""]",
            """);
  }

  @Test
  void sqlRunsAFileOfStatements() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("q.sql"),
            """
            -- what was kept
            create temporary view mine as select instruction from candidates where kept;
            select * from mine;
            """);
    assertThat(Called.with("sql", run, "-f", file, "--format", "csv").out())
        .isEqualTo("instruction\nName a fish.\n");
  }

  @Test
  void aStatementThatSparkRefusesIsBadInput() {
    Called called = Called.with("sql", run, "-e", "select nothing from candidate");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines()).hasSize(1);
    assertThat(called.err())
        .startsWith("cria: the statement is refused, -e (select nothing from candidate): ")
        .contains("TABLE_OR_VIEW_NOT_FOUND")
        .contains("The tables are seeds, requests, ledger");
  }

  @Test
  void aStatementThatIsNoQueryIsRefusedBeforeAnyRuns() {
    Called called = Called.with("sql", run, "-e", "select 1; drop table x");
    assertThat(called)
        .isEqualTo(
            new Called(
                2,
                "",
                "cria: only queries run here, -e (drop table x): give select, with, from, values,"
                    + " table, show, describe, explain, create temporary view"
                    + System.lineSeparator()));
    assertThat(Called.with("sql", run, "-e", "set spark.sql.ansi.enabled=false").code())
        .isEqualTo(2);
    assertThat(Called.with("sql", run, "-e", "describe pool").out()).contains("instruction");
    assertThat(Called.with("sql", run, "-e", "show views").out()).contains("candidates");
  }

  @Test
  void anErrorWhileAQueryRunsIsBadInputToo() {
    Called called = Called.with("sql", run, "-e", "select 1 / (item - item) from candidates");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err()).doesNotContain("The tables are").contains("DIVIDE_BY_ZERO");
  }

  @Test
  void sqlOnAHalfWrittenTableIsRefused() throws IOException {
    Path half = HandMadeRun.copy(run, folder.resolve("half"));
    Files.write(half.resolve("instances/round=0/part-00000.parquet"), new byte[7]);
    Called called = Called.with("sql", half, "-e", "select 1");
    assertThat(called.code()).isEqualTo(6);
    assertThat(called.err()).contains("instances/round=0").contains("was not written whole");
  }

  @Test
  void sqlWithoutAStatementIsBadUsage() {
    assertThat(Called.with("sql", run).code()).isEqualTo(2);
    assertThat(Called.with("sql", run, "-e", " -- nothing"))
        .isEqualTo(
            new Called(
                2, "", "cria: no statement, -e: give at least one" + System.lineSeparator()));
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
