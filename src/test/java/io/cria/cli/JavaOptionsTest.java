package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** What plain java must be told for Spark stands in two files; both follow Spark's own list. */
class JavaOptionsTest {
  private static final String VECTOR = "--add-modules=jdk.incubator.vector";

  private final List<String> sparks =
      List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+"));

  @Test
  void theLaunchersOptionsAreSparksWithoutTheModuleThatWarns() throws IOException {
    assertThat(Files.readAllLines(Path.of("conf/java-options")))
        .filteredOn(line -> !line.startsWith("#") && !line.isBlank())
        .containsExactlyElementsOf(
            sparks.stream().filter(option -> !option.equals(VECTOR)).toList());
  }

  @Test
  void theTestsOptionsAreSparks() throws IOException {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<spark.module.options>" + String.join(" ", sparks) + "</spark.module.options>");
  }
}
