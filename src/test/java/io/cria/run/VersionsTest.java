package io.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionsTest {
  @Test
  void withoutAJarTheVersionIsThatOfTheBuildToo() throws IOException {
    String name = "<artifactId>cria</artifactId>\n  <version>" + Versions.cria() + "</version>";
    assertThat(Files.readString(Path.of("pom.xml"))).contains(name);
  }
}
