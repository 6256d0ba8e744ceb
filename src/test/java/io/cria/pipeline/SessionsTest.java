package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

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
