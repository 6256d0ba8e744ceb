package io.cria.shipped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the class path to the folder conf/, and listing to a jar as well as to a folder. */
class ShippedTest {
  private static final Path CONF = Path.of("conf");

  @TempDir Path folder;

  @Test
  void runFilesPromptsSeedsTemplatesAndPricesAreShippedAsTheyAre() throws IOException {
    try (Stream<Path> files = Files.walk(CONF)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.toString();
        boolean shipped = file.getNameCount() > 2 || name.endsWith(".yaml");
        assertThat(Shipped.FILES.has(name)).as(name).isEqualTo(shipped);
        if (shipped) {
          assertThat(Shipped.FILES.text(name)).as(name).isEqualTo(Files.readString(file));
        }
      }
    }
  }

  @Test
  void foldersAreListedAndNamesMayBeWrittenInMoreThanOneWay() {
    assertThat(Shipped.FILES.list("conf/prompts/alpaca/"))
        .containsExactly("request.txt", "system.txt");
    assertThat(Shipped.FILES.list("conf/seeds")).contains("seed_tasks.jsonl");
    assertThat(Shipped.FILES.list("conf/none")).isEmpty();
    assertThat(Shipped.FILES.has("./conf/prompts")).isTrue();
    assertThat(Shipped.FILES.has("conf/prompts/../alpaca.yaml")).isTrue();
    assertThat(Shipped.FILES.has("conf/seeds/seed_tasks")).isFalse();
    assertThat(Shipped.FILES.has("alpaca.yaml")).isFalse();
    assertThat(Shipped.FILES.has("")).isFalse();
    assertThat(Shipped.FILES.has("\0")).isFalse();
  }

  @Test
  void aFileThatIsNotShippedIsNotFound() {
    for (String name : List.of("conf/none.yaml", "conf/seeds", "../git.properties")) {
      assertThatThrownBy(() -> Shipped.FILES.text(name))
          .as(name)
          .isInstanceOf(FileNotFoundException.class);
    }
  }

  @Test
  void anErrorMayNameWhatIsShippedInstead() throws IOException {
    Shipped shipped = new Shipped(packed());
    assertThat(shipped.instead("conf/alpacca.yaml"))
        .isEqualTo(" (shipped are conf/alpaca.yaml, conf/prices.yaml)");
    assertThat(shipped.instead("conf/seeds/mine.jsonl"))
        .isEqualTo(" (shipped are conf/seeds/a.jsonl)");
    assertThat(shipped.instead("conf/none/mine.jsonl")).contains("conf/alpaca.yaml");
    assertThat(shipped.instead("own.yaml")).isEmpty();
    assertThat(shipped.instead("/x/conf/own.yaml")).isEmpty();
  }

  @Test
  void inAJarTheyAreFoundAndListedToo() throws IOException {
    Shipped shipped = new Shipped(packed());
    assertThat(shipped.text("conf/alpaca.yaml")).isEqualTo("text of alpaca.yaml");
    assertThat(shipped.list("conf")).containsExactly("alpaca.yaml", "prices.yaml");
    assertThat(shipped.list("conf/seeds")).containsExactly("a.jsonl");
    assertThat(shipped.has("conf/seeds")).isTrue();
    assertThat(shipped.has("conf/prompts")).isFalse();
    // a second reader of the same jar
    assertThat(new Shipped(packed()).text("conf/seeds/a.jsonl")).isEqualTo("text of seeds/a.jsonl");
  }

  private ClassLoader packed() throws IOException {
    Path jar = folder.resolve("a jar.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out)) {
      for (String file : List.of("seeds/a.jsonl", "alpaca.yaml", "prices.yaml")) {
        packed.putNextEntry(new JarEntry("io/cria/shipped/conf/" + file));
        packed.write(("text of " + file).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
      packed.putNextEntry(new JarEntry("io/cria/shipped/Other.class"));
    }
    return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
  }
}
