package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

class SessionsTest {
  private static final Map<String, String> OWN =
      Map.of(
          "spark.speculation", "false",
          "spark.ui.showConsoleProgress", "false",
          "spark.sql.session.timeZone", "UTC",
          "spark.driver.maxResultSize", "0",
          "spark.serializer", "org.apache.spark.serializer.JavaSerializer");

  private static Map<String, String> configuration() {
    SparkConf conf = Sessions.configuration("test");
    return Arrays.stream(conf.getAll()).collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
  }

  @Test
  void whatCriaNeedsOfSparkNeedsNoFile() {
    assertThat(configuration())
        .containsAllEntriesOf(OWN)
        .containsEntry("spark.app.name", "cria test");
  }

  @Test
  void onAStandaloneClusterTheExecutorsAreWaitedForAsOnOthers() {
    String ratio = "spark.scheduler.minRegisteredResourcesRatio";
    assertThat(configuration()).doesNotContainKey(ratio);
    try {
      System.setProperty("spark.master", "spark://head:7077");
      assertThat(configuration()).containsEntry(ratio, "0.8");
      System.setProperty(ratio, "0.0");
      assertThat(configuration()).containsEntry(ratio, "0.0");
    } finally {
      System.clearProperty("spark.master");
      System.clearProperty(ratio);
    }
  }

  @Test
  void aStandaloneMasterThatDoesNotAnswerIsNamed() {
    String told = "no Spark master answers at spark://head:7077: look at its address and whether";
    IllegalStateException stopped =
        new IllegalStateException("Cannot call methods on a stopped SparkContext.\nIt was …");
    assertThatThrownBy(() -> Sessions.answered("spark://head:7077", () -> failing(stopped)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith(told)
        .hasCause(stopped);
    assertThatThrownBy(() -> Sessions.requireMaster("spark://head:7077", true, "app-1"))
        .hasMessageStartingWith(told);
    assertThatThrownBy(
            () -> Sessions.requireMaster("spark://head:7077", false, "spark-application-17"))
        .hasMessageStartingWith(told);
    Sessions.requireMaster("spark://head:7077", false, "app-20261127180000-0001");

    assertThatThrownBy(() -> Sessions.answered("local[2]", () -> failing(stopped)))
        .isSameAs(stopped);
    IllegalStateException other = new IllegalStateException("no such thing");
    assertThatThrownBy(() -> Sessions.answered("spark://head:7077", () -> failing(other)))
        .isSameAs(other);
  }

  private static String failing(RuntimeException e) {
    throw e;
  }

  @Test
  void whatTheUserSaysStandsButForTheSerializer() {
    try {
      OWN.keySet().forEach(key -> System.setProperty(key, "of the user"));
      assertThat(configuration())
          .containsEntry("spark.serializer", OWN.get("spark.serializer"))
          .containsEntry("spark.speculation", "of the user")
          .containsEntry("spark.driver.maxResultSize", "of the user");
    } finally {
      OWN.keySet().forEach(System::clearProperty);
    }
  }
}
