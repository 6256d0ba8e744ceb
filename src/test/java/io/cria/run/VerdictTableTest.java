package io.cria.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sql.RunViews;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTableTest {
  private static final List<Manifest.Input> INPUTS = List.of(new Manifest.Input("sample", "s"));

  private static SparkSession spark;
  private static Configuration hadoop;

  @TempDir Path folder;
  private RunDirectory run;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.session();
    hadoop = spark.sparkContext().hadoopConfiguration();
  }

  @BeforeEach
  void startTheRun() {
    run = HandMadeRun.started(spark, folder);
  }

  @Test
  void judgementsOfAnyKindAreOneTableAndAView() {
    publish("review", "007", verdict("a", "anna", "yes", null), verdict("b", "anna", "no", null));
    publish("decontamination", "set", verdict("b", "rule:rouge-l", "near", 0.75));
    RunViews.register(spark, run);
    assertThat(
            spark
                .sql(
                    "select kind, name, subject_id, rater, question, verdict, score, neighbour"
                        + " from verdicts order by kind, subject_id")
                .collectAsList())
        .extracting(Object::toString)
        .containsExactly(
            "[decontamination,set,b,rule:rouge-l,q,near,0.75,null]",
            "[review,007,a,anna,q,yes,null,null]",
            "[review,007,b,anna,q,no,null,null]");
  }

  @Test
  void theManifestSaysWhatItWasMadeFromAndCountsTheVerdicts() {
    Manifest made =
        publish(
            "review",
            "first",
            verdict("a", "anna", "yes", null),
            verdict("b", "anna", "yes", null),
            verdict("c", "anna", "no", null));
    assertThat(made.stage()).isEqualTo("review");
    assertThat(made.identity()).isEqualTo("d".repeat(64));
    assertThat(made.inputs()).isEqualTo(INPUTS);
    assertThat(made.counts()).hasToString("{q/no=1, q/yes=2}");
    assertThat(made.epoch()).isZero();
    Manifest.File file = made.files().get(0);
    assertThat(file.name())
        .matches("verdicts/kind=review/name=first/part-00000-[0-9a-f]{12}[.]parquet");
    assertThat(file.rows()).isEqualTo(3);
    assertThat(file.sha256()).isEqualTo(run.sha256(file.name()));
    assertThat(Json.read(run.text(manifest("first")).orElseThrow(), Manifest.class))
        .isEqualTo(made);
  }

  @Test
  void aJudgementIsReplacedWholeAndOthersStay() {
    publish("review", "first", verdict("a", "anna", "yes", null), verdict("b", "anna", "no", null));
    publish("review", "second", verdict("a", "ben", "yes", null));
    List<VerdictTable.Published> before = VerdictTable.published(run);
    publish("review", "first", verdict("a", "anna", "no", null));
    List<VerdictTable.Published> after = VerdictTable.published(run);
    assertThat(after.get(0).input()).isNotEqualTo(before.get(0).input());
    assertThat(after.get(1)).isEqualTo(before.get(1));
    assertThat(VerdictTable.read(spark, run).select("name", "verdict").collectAsList())
        .extracting(Object::toString)
        .containsExactlyInAnyOrder("[first,no]", "[second,yes]");
    assertThat(run.list(books("first") + "/_tmp")).isEmpty();
  }

  @Test
  void anEarlierJudgementCountsUntilTheManifestOfTheNextStands() {
    publish("review", "first", verdict("a", "anna", "yes", null));
    run.replace(books("first") + "/_tmp/left", "by one that was killed");
    Row other = verdict("a", "anna", "no", null);
    AtomicInteger seen = new AtomicInteger();
    Iterator<Row> rows =
        Stream.of(other)
            .peek(
                row -> {
                  seen.set(VerdictTable.published(run, "review").size());
                  throw new IllegalStateException("killed");
                })
            .iterator();
    assertThatThrownBy(() -> VerdictTable.publish(run, hadoop, "review", "first", INPUTS, rows))
        .hasMessage("killed");
    assertThat(seen).hasValue(1);
    assertThat(VerdictTable.read(spark, run).select("verdict").head().getString(0))
        .isEqualTo("yes");
    assertThat(run.list(books("first") + "/_tmp")).isEmpty();
  }

  @Test
  void aFileOfOneThatWasKilledBeforeItsManifestIsNotReadAndGoesWithTheNext() {
    Manifest made = publish("review", "first", verdict("a", "anna", "yes", null));
    String place = VerdictTable.directory("review", "first");
    run.replace(place + "/part-00000-0123456789ab.parquet", "no more than this");
    assertThat(VerdictTable.read(spark, run).select("verdict").head().getString(0))
        .isEqualTo("yes");
    Manifest next = publish("review", "first", verdict("a", "anna", "no", null));
    assertThat(next.files().get(0).name()).isNotEqualTo(made.files().get(0).name());
    assertThat(run.list(place).stream().filter(file -> file.endsWith(".parquet")))
        .containsExactly(next.files().get(0).name().substring(place.length() + 1));
  }

  @Test
  void inTheDirectoryOfATableLiesNothingButParquet() {
    publish("review", "first", verdict("a", "anna", "yes", null));
    assertThat(run.list(VerdictTable.directory("review", "first")))
        .hasSize(1)
        .allMatch(name -> name.endsWith(".parquet"));
  }

  @Test
  void aJudgementThatHasItsBooksInsideIsReadAndTheNextTakesThemOut() throws Exception {
    publish("review", "first", verdict("a", "anna", "yes", null));
    String place = VerdictTable.directory("review", "first");
    Files.move(folder.resolve(manifest("first")), folder.resolve(place + "/_manifest.json"));
    Files.move(folder.resolve(books("first") + "/_lock"), folder.resolve(place + "/_lock"));
    assertThat(VerdictTable.read(spark, run).count()).isEqualTo(1);
    publish("review", "first", verdict("a", "anna", "no", null));
    assertThat(VerdictTable.read(spark, run).select("verdict").head().getString(0)).isEqualTo("no");
    assertThat(run.list(place)).hasSize(1).allMatch(name -> name.endsWith(".parquet"));
  }

  @Test
  void aJudgementThatAnotherPublishesIsRefusedAndOthersAreNot() {
    RunDirectory place = RunDirectory.at(run.path(books("first")), hadoop);
    try (RunLock lock = RunLock.acquire(place, Clock.systemUTC())) {
      lock.requireHeld();
      assertThatThrownBy(() -> publish("review", "first", verdict("a", "anna", "yes", null)))
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED));
      publish("review", "second", verdict("a", "anna", "yes", null));
    }
    publish("review", "first", verdict("a", "anna", "yes", null));
    assertThat(VerdictTable.published(run, "review")).hasSize(2);
  }

  @Test
  void aDamagedReviewIsNoMatterToOtherKinds() {
    publish("review", "first", verdict("a", "anna", "yes", null));
    publish("decontamination", "set");
    run.replace(manifest("first"), "{");
    assertThat(VerdictTable.published(run, "decontamination")).hasSize(1);
    assertThatThrownBy(() -> VerdictTable.published(run)).hasMessageContaining("is damaged");
  }

  @Test
  void rowsOfExecutorsGiveTheSameBytesForAnyPartitions() {
    List<Row> rows =
        IntStream.range(0, 500)
            .mapToObj(i -> Rows.row(numbered(), values(i)))
            .map(Row.class::cast)
            .toList();
    List<String> made =
        Stream.of(1, 7, 16)
            .map(
                partitions -> {
                  Dataset<Row> data =
                      spark.createDataFrame(rows, numbered()).repartition(partitions);
                  return Json.write(
                      VerdictTable.publish(
                          run, hadoop, "decontamination", "set", INPUTS, data, List.of("place")));
                })
            .toList();
    assertThat(made).containsOnly(made.get(0));
    assertThat(VerdictTable.read(spark, run).select("subject_id").head().getString(0))
        .isEqualTo("s0");
  }

  @Test
  void rowsOfTheDriverAndOfExecutorsAreOneTable() {
    List<Row> rows = List.of(verdict("a", "anna", "yes", 0.5), verdict("b", "anna", "no", null));
    Manifest streamed =
        VerdictTable.publish(run, hadoop, "review", "driver", INPUTS, rows.iterator());
    Manifest distributed =
        VerdictTable.publish(
            run,
            hadoop,
            "review",
            "executors",
            INPUTS,
            spark.createDataFrame(rows, Schemas.VERDICTS),
            List.of("subject_id"));
    assertThat(distributed.counts()).isEqualTo(streamed.counts());
    assertThat(VerdictTable.read(spark, run).drop("name").distinct().count()).isEqualTo(2);
  }

  @Test
  void aJudgementWithoutVerdictsIsPublishedAndEmpty() {
    publish("decontamination", "set");
    VerdictTable.publish(
        run,
        hadoop,
        "decontamination",
        "spark",
        INPUTS,
        spark.createDataFrame(List.of(), Schemas.VERDICTS),
        List.of("subject_id"));
    assertThat(VerdictTable.published(run, "decontamination"))
        .extracting(VerdictTable.Published::name)
        .containsExactly("set", "spark");
    assertThat(VerdictTable.read(spark, run).count()).isZero();
  }

  @Test
  void withoutItsManifestAJudgementDoesNotCount() {
    publish("review", "first", verdict("a", "anna", "yes", null));
    run.delete(manifest("first"));
    assertThat(VerdictTable.published(run)).isEmpty();
    assertThat(VerdictTable.read(spark, run).count()).isZero();
  }

  @Test
  void aChangedFileIsRefused() throws Exception {
    Manifest made = publish("review", "first", verdict("a", "anna", "yes", null));
    Files.write(folder.resolve(made.files().get(0).name()), new byte[7]);
    assertThatThrownBy(() -> VerdictTable.read(spark, run))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining(".parquet: these verdicts are not as they were written")
        .hasMessageContaining("has 7 bytes");
  }

  @Test
  void namesThatAreNoDirectoryAreRefused() {
    assertThatThrownBy(() -> VerdictTable.requireName("--name", "a/b"))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("--name 'a/b': not a name");
    assertThat(VerdictTable.requireName("--name", "alpaca-eval.1")).isEqualTo("alpaca-eval.1");
  }

  private static String manifest(String name) {
    return books(name) + "/_manifest.json";
  }

  /** Where manifest, lock and what is under way of a judgement lie. */
  private static String books(String name) {
    return "_beside/" + VerdictTable.directory("review", name);
  }

  private Manifest publish(String kind, String name, Row... rows) {
    return VerdictTable.publish(run, hadoop, kind, name, INPUTS, List.of(rows).iterator());
  }

  private static Row verdict(String subject, String rater, String verdict, @Nullable Double score) {
    return Rows.row(Schemas.VERDICTS, subject, "", "", rater, "q", verdict, score, "", null, null);
  }

  private static StructType numbered() {
    return Schemas.VERDICTS.add("place", DataTypes.IntegerType, false);
  }

  private static Object[] values(int i) {
    return new Object[] {
      "s" + i, "", "", "rule:r", "q", i % 3 == 0 ? "yes" : "no", i / 500.0, "", "n" + i, "", i
    };
  }
}
