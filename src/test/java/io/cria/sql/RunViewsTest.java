package io.cria.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.Commits;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunViewsTest {
  @TempDir static Path folder;

  private static SparkSession spark;
  private static RunDirectory run;

  @BeforeAll
  static void makeTheRun() {
    spark = LocalSpark.session();
    run = HandMadeRun.write(spark, folder.resolve("run"));
  }

  @Test
  void everyTableIsAViewUnderItsName() {
    RunViews.register(spark, run);
    assertThat(RunViews.NAMES.stream().map(name -> name + " " + spark.table(name).count()))
        .containsExactly(
            "seeds 2",
            "requests 3",
            "ledger 3",
            "answers 0",
            "candidates 3",
            "pool 3",
            "classified 0",
            "instances 2",
            "moderated 0",
            "examples 1",
            "training 0",
            "verdicts 0",
            "neighbours 0",
            "traits 0");
  }

  @Test
  void thePoolIsTheSeedsThenWhatWasKept() {
    RunViews.register(spark, run);
    assertThat(lines("select id, instruction, source, round from pool order by round, row, item"))
        .containsExactly(
            "[seed_0,Name a colour.,seed,-1]",
            "[seed_1,Name two birds.,seed,-1]",
            "[" + HandMadeRun.KEPT + ",Name a fish.,machine,0]");
  }

  @Test
  void theLedgerLeavesOutDamagedAndTornLines() {
    RunViews.register(spark, run);
    assertThat(
            lines(
                "select substr(request_key, 1, 1), attempt, outcome, http_status, usage.completion,"
                    + " usd, sent_at, error from ledger order by row, attempt"))
        .containsExactly(
            "[a,1,retry-transient,503,null,null,2026-01-01 00:00:00.0,503 from the server]",
            "[a,2,ok,200,12,0.25,2026-01-01 00:00:00.0,null]",
            "[b,1,ok,200,12,0.25,2026-01-01 00:00:00.0,null]");
  }

  @Test
  void aLineageIsAJoin() {
    RunViews.register(spark, run);
    assertThat(
            lines(
                """
                select e.output, c.instruction, l.attempt, r.demonstrations[0]
                from examples e
                join instances i using (instance_id)
                join candidates c on c.candidate_id = i.candidate_id
                join ledger l on concat(l.request_key, '.', l.attempt) = c.answer_id
                join requests r on r.request_key = c.request_key
                """))
        .containsExactly("[salmon\nor carp,Name a fish.,2,seed_1]");
  }

  @Test
  void aRunThatHasJustBegunHasEmptyViewsWithTheirColumns() {
    RunViews.register(spark, HandMadeRun.started(spark, folder.resolve("begun")));
    assertThat(lines("select count(*), count(reason) from candidates")).containsExactly("[0,0]");
    assertThat(lines("select count(usage.prompt) from ledger")).containsExactly("[0]");
    assertThat(spark.table("pool").count()).isEqualTo(2);
  }

  @Test
  void aHalfWrittenTableIsRefused() throws Exception {
    Path half = HandMadeRun.copy(folder.resolve("run"), folder.resolve("half"));
    RunDirectory broken =
        RunDirectory.at(half.toString(), spark.sparkContext().hadoopConfiguration());
    Files.write(half.resolve("candidates/round=0/part-00000.parquet"), new byte[7]);
    assertThatThrownBy(() -> RunViews.register(spark, broken))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("candidates/round=0")
        .hasMessageContaining("was not written whole");
  }

  @Test
  void aTableThatCanBeComputedAgainIsEmptyWhereItIsNotWhole() throws Exception {
    Path copy = HandMadeRun.copy(folder.resolve("run"), folder.resolve("damaged"));
    RunDirectory damaged =
        RunDirectory.at(copy.toString(), spark.sparkContext().hadoopConfiguration());
    Files.createDirectories(copy.resolve("_beside/traits"));
    Files.writeString(copy.resolve("_beside/traits").resolve(Commits.COPY), "{");
    List<String> warnings = new ArrayList<>();
    RunViews.register(spark, damaged, warnings::add);
    assertThat(lines("select count(*), count(verb) from traits")).containsExactly("[0,0]");
    assertThat(warnings)
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("warning: traits is shown empty, ")
        .contains("its manifest is damaged")
        .endsWith("cria report " + damaged.root() + " computes it again");
  }

  @Test
  void aDirectoryThatIsNoRunIsRefused() {
    RunDirectory none =
        RunDirectory.at(
            folder.resolve("none").toString(), spark.sparkContext().hadoopConfiguration());
    assertThatThrownBy(() -> RunViews.register(spark, none))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("there is no run here");
  }

  private static List<String> lines(String query) {
    return spark.sql(query).collectAsList().stream().map(Object::toString).toList();
  }
}
