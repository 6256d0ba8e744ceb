package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class HadoopTest {
  @Test
  void whatSparkHandsToHadoopStandsOverItsOwnFiles() {
    Properties properties = new Properties();
    properties.setProperty("spark.hadoop.fs.s3a.endpoint", "http://127.0.0.1:5000");
    properties.setProperty("spark.hadoop.io.file.buffer.size", "9");
    properties.setProperty("spark.hadoop.", "nothing");
    properties.setProperty("fs.s3a.region", "not ours");
    Configuration hadoop = Hadoop.configuration(properties, Map.of());
    assertThat(hadoop.get("fs.s3a.endpoint")).isEqualTo("http://127.0.0.1:5000");
    assertThat(hadoop.get("io.file.buffer.size")).isEqualTo("9");
    assertThat(hadoop.get("fs.s3a.region")).isNull();
    assertThat(hadoop.get("fs.defaultFS")).as("of Hadoop's own files").isEqualTo("file:///");
  }

  @Test
  void theEnvironmentHasSettingsThatNoCommandLineShows() {
    Properties properties = new Properties();
    properties.setProperty("spark.hadoop.b", "of a property");
    Configuration hadoop =
        Hadoop.configuration(
            properties,
            Map.of(
                Hadoop.VARIABLE,
                "spark.hadoop.a=first\nspark.hadoop.a=x=y\nspark.hadoop.b=z\nspark.c=d\n\nno"));
    assertThat(hadoop.get("a")).isEqualTo("x=y");
    assertThat(hadoop.get("b")).isEqualTo("of a property");
    assertThat(hadoop.get("c")).isNull();
  }

  @Test
  void systemPropertiesAreTheSource() {
    System.setProperty("spark.hadoop.cria.test.key", "a value");
    try {
      assertThat(Hadoop.configuration().get("cria.test.key")).isEqualTo("a value");
    } finally {
      System.clearProperty("spark.hadoop.cria.test.key");
    }
  }
}
