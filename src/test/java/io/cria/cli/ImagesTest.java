package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Dockerfile, against the archive that scripts/dist makes of a build that pretends. */
class ImagesTest {
  private static final Pattern COPIED = Pattern.compile("/unpacked/cria/(\\S+)");
  private static final Pattern INSTALLED = Pattern.compile("/opt/cria/([\\w./-]+)");

  @TempDir Path home;

  private static String dockerfile() throws IOException {
    return Files.readString(Path.of("Dockerfile"));
  }

  private static Set<String> found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    Set<String> found = new TreeSet<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private void write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What is in the archive, without the folder around it. */
  private List<String> archive() throws IOException, InterruptedException {
    for (String name :
        List.of(
            "pom.xml",
            "scripts/dist",
            "scripts/cria",
            "scripts/quickstart",
            "scripts/fetch-model",
            "scripts/install",
            "scripts/lib/heap",
            "scripts/lib/spark-home",
            "scripts/lib/start",
            "scripts/lib/submit",
            "scripts/lib/stage",
            "scripts/lib/prerequisites")) {
      write(name, Files.readString(Path.of(name)));
    }
    for (String name : List.of("README.md", "README.ko.md", "CHANGES.md", "LICENSE")) {
      write(name, name);
    }
    for (String name :
        List.of(
            "conf/alpaca.yaml",
            "jobs/10-generate.sh",
            "docs/cluster.md",
            "target/cria.jar",
            "target/classpath/app/picocli.jar",
            "target/classpath/s3/hadoop-aws.jar",
            "jars/pytorch-2.jar",
            "jars/tokenizers-0.jar",
            "jars/llama-4.jar")) {
      write(name, name);
    }
    write("scripts/build", "#!/bin/sh\n");
    // as Maven writes them: without a line end
    write("target/classpath/embedded.txt", home.resolve("jars/llama-4.jar").toString());
    write(
        "target/classpath/train.txt",
        home.resolve("jars/pytorch-2.jar") + ":" + home.resolve("jars/tokenizers-0.jar"));
    String archive = said("bash", home.resolve("scripts/dist").toString()).strip();
    return said("tar", "-tzf", archive.lines().reduce((a, b) -> b).orElseThrow())
        .lines()
        .map(name -> name.substring(name.indexOf('/') + 1).replaceFirst("/$", ""))
        .toList();
  }

  private static String said(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(errors).isZero();
    return said;
  }

  @Test
  void whatTheImagesCopyIsInTheArchive() throws Exception {
    Set<String> copied = found(COPIED, dockerfile());
    assertThat(copied).contains("lib/cria.jar", "lib/train", "scripts/fetch-model");
    assertThat(archive())
        .containsAll(copied)
        .contains("lib/embedded/llama-4.jar", "lib/train/tokenizers-0.jar", "scripts/quickstart");
  }

  @Test
  void whatTheImagesStartAndReadIsInThem() throws Exception {
    String text = dockerfile();
    Set<String> copied =
        text.lines()
            .filter(line -> line.startsWith("COPY"))
            .map(line -> line.substring(line.lastIndexOf(" /") + 1))
            .collect(Collectors.toSet());
    List<String> started = new ArrayList<>(found(INSTALLED, text));
    started.add("lib/app/x.jar");
    started.add("conf/log4j2.properties");
    assertThat(started)
        .allSatisfy(
            path ->
                assertThat(copied)
                    .anySatisfy(
                        target ->
                            assertThat("/opt/cria/" + path)
                                .startsWith(target.replaceAll("/$", ""))));
  }

  @Test
  void everyImageRunsAsNobodyOfImportanceFromPinnedOnes() throws Exception {
    String text = dockerfile();
    for (String stage : List.of("cluster", "quickstart")) {
      String after = text.substring(text.indexOf("AS " + stage));
      int end = after.indexOf("\nFROM ");
      String of = end < 0 ? after : after.substring(0, end);
      assertThat(of.lines().filter(line -> line.startsWith("USER")).reduce((a, b) -> b))
          .hasValue("USER 185");
    }
    assertThat(text.lines().filter(line -> line.startsWith("FROM")))
        .allSatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "FROM (\\S+:(\\$\\{SPARK}|[\\w.-]*\\d[\\w.-]*)|unpacked|cluster|training) AS .*"));
  }

  @Test
  void theVersionIsThatOfTheBuild() throws Exception {
    String version =
        Files.readString(Path.of("pom.xml"))
            .lines()
            .filter(line -> line.startsWith("  <version>"))
            .map(line -> line.replaceAll("</?version>", "").strip())
            .findFirst()
            .orElseThrow();
    assertThat(dockerfile())
        .contains("ARG VERSION=" + version + "\n")
        .contains("cria:" + version + " ")
        .doesNotContainPattern("cria(-\\w+)?:(?!" + Pattern.quote(version) + ")\\d");
    assertThat(Files.readString(Path.of("jobs/kubernetes/spark.conf"))).contains("cria:" + version);
  }
}
