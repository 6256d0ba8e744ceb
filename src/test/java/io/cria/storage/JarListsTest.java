package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.util.VersionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jars that are resolved apart from the build. */
class JarListsTest {
  @ParameterizedTest
  @ValueSource(strings = {"s3", "hdfs"})
  void theyAreOfTheHadoopThatSparkBrings(String list) throws IOException {
    Path pom = Path.of(System.getProperty("cria.home", "."), "scripts/lib", list, "pom.xml");
    assertThat(Files.readString(pom))
        .contains("<hadoop.version>" + VersionInfo.getVersion() + "</hadoop.version>");
  }
}
