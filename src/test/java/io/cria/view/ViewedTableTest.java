package io.cria.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sql.RunViews;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the tables are read out of a run's views. */
class ViewedTableTest {
  @TempDir Path folder;
  private final SparkSession spark = LocalSpark.session().newSession();

  @Test
  void nothingIsLeftOfATableThatCannotBeRead() throws Exception {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Snapshot snapshot = new Snapshot(texts);
    assertThatThrownBy(() -> ViewedTable.CANDIDATES.read(spark, snapshot))
        .as("Spark's, of a view that is not there")
        .isNotInstanceOf(RuntimeException.class)
        .isInstanceOf(Exception.class);
    assertThat(texts).doesNotExist();
  }

  @Test
  void verdictsOfAllRatersAreCountedByExampleAndTheMostFrequentKept() {
    RunViews.register(spark, HandMadeRun.write(spark, folder.resolve("run")));
    String id = spark.table("examples").first().getAs("example_id");
    assertThat(read().verdicts()).isEmpty();

    spark
        .sql(
            "SELECT '"
                + id
                + "' AS subject_id, 'review' AS kind, 'review' AS name, rater,"
                + " 'valid' AS question, 'yes' AS verdict FROM VALUES ('a'), ('b') AS t(rater)"
                + " UNION ALL SELECT 'other', 'review', 'review', 'a', 'valid', 'yes'"
                + " UNION ALL SELECT '"
                + id
                + "', 'review', 'mine', 'a', 'valid', 'no'"
                + " UNION ALL SELECT 'other', 'judge', 'x', 'a', concat('q', id), 'yes'"
                + " FROM range(100)")
        .createOrReplaceTempView("verdicts");
    Snapshot read = read();
    assertThat(read.verdicts())
        .hasSize(Snapshot.MOST_VERDICTS - 1)
        .startsWith(new Codes.Count("review: valid = yes", 2));
    assertThat(read.verdicts(0))
        .as("the other one is too rare")
        .containsExactly("review: valid = yes");
  }

  private Snapshot read() {
    try (Snapshot read = ViewedTable.EXAMPLES.read(spark)) {
      return read;
    }
  }
}
