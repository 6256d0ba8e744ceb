package io.cria.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.testing.ExampleRun;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several readers of a run see of its tables. */
class ViewedRunTest {
  private static CountDownLatch begun = new CountDownLatch(1);
  private static CountDownLatch released = new CountDownLatch(1);

  @TempDir Path folder;
  private final SparkSession spark = LocalSpark.session();

  @Test
  void whoeverReadsKeepsTheirTablesAndTheLastOneClosesThem() {
    RunDirectory run = ExampleRun.write(spark, folder, 10, 1);
    try (ViewedRun viewed = new ViewedRun(spark, run, Clock.systemUTC());
        ViewedRun.Reading after = later(viewed)) {
      Snapshot fresh = after.snapshot(ViewedTable.EXAMPLES);
      assertThat(fresh.rows()).isEqualTo(21);
      assertThat(fresh.line(20).instruction()).isEqualTo("Do task number 19.");
    }
  }

  /** Reads, has two readers stay while the run is read anew, and opens a third. */
  private ViewedRun.Reading later(ViewedRun viewed) {
    ViewedRun.Reading first = viewed.reading();
    ViewedRun.Reading second = viewed.reading();
    Snapshot old = first.snapshot(ViewedTable.EXAMPLES);
    assertThat(second.snapshot(ViewedTable.EXAMPLES)).isSameAs(old);
    RunDirectory unused = ExampleRun.write(spark, folder, 20, 2);
    viewed.readAnew();
    ViewedRun.Reading third = viewed.reading();
    first.close();
    first.close();
    assertThat(old.line(0).instruction()).as("the second still reads").startsWith("Do task");
    assertThat(second.snapshot(ViewedTable.EXAMPLES)).isSameAs(old);
    second.close();
    assertThatThrownBy(() -> old.line(0)).isInstanceOf(UncheckedIOException.class);
    return third;
  }

  @Test
  void aTableIsReadWhileAnotherIsBeingRead() throws Exception {
    RunDirectory run = HandMadeRun.write(spark, folder);
    try (ViewedRun viewed = new ViewedRun(spark, run, Clock.systemUTC())) {
      hold("pool");
      CompletableFuture<Integer> pool =
          CompletableFuture.supplyAsync(
              () -> {
                try (ViewedRun.Reading reading = viewed.reading()) {
                  return reading.snapshot(ViewedTable.POOL).rows();
                }
              });
      begun.await();
      try (ViewedRun.Reading reading = viewed.reading()) {
        assertThat(reading.snapshot(ViewedTable.EXAMPLES).rows()).isEqualTo(1);
      }
      assertThat(pool).isNotDone();
      released.countDown();
      assertThat(pool.get()).isEqualTo(3);
    } finally {
      released.countDown();
    }
  }

  /** Has a view wait, wherever it is read. */
  private void hold(String view) {
    begun = new CountDownLatch(1);
    released = new CountDownLatch(1);
    spark
        .udf()
        .register("held", (UDF1<String, Boolean>) ViewedRunTest::held, DataTypes.BooleanType);
    spark.table(view).where("held(id)").createOrReplaceTempView(view);
  }

  private static boolean held(String id) throws InterruptedException {
    begun.countDown();
    // an end, so that a run that reads one table after the other fails and does not hang
    return released.await(30, TimeUnit.SECONDS) || !id.isEmpty();
  }

  @Test
  void aTableThatFailedIsTriedAgainAndAClosedRunIsToldSo() {
    RunDirectory run = ExampleRun.write(spark, folder, 10, 1);
    ViewedRun viewed = new ViewedRun(spark, run, Clock.systemUTC());
    try (ViewedRun.Reading reading = viewed.reading()) {
      spark.range(1).createOrReplaceTempView("pool");
      assertThatThrownBy(() -> reading.snapshot(ViewedTable.POOL))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith("the table pool cannot be read (");
      viewed.readAnew();
      assertThat(reading.snapshot(ViewedTable.POOL).rows()).as("the seeds").isEqualTo(2);
    }
    viewed.close();
    assertThatThrownBy(viewed::reading).hasMessageContaining("the view is closed");
  }
}
