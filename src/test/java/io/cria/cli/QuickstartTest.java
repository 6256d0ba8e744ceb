package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/quickstart in a folder of its own, with a build, a model and a launcher that pretend. */
class QuickstartTest {
  /** A run leaves what the file "data" holds; training leaves its dataset in the model. */
  private static final String CRIA =
      """
      #!/bin/sh
      here=$(dirname "$0")/..
      case $1 in
        run)
          mkdir -p "$4/dataset"
          cp "$here/data" "$4/dataset/alpaca.jsonl" ;;
        train-local)
          mkdir -p "$6/model"
          cat "$4/alpaca.jsonl" >> "$6/model/weights" ;;
      esac
      """;

  @TempDir Path folder;

  private Path home;
  private Path run;

  @BeforeEach
  void makeAnInstallation() throws IOException {
    home = Files.createDirectories(folder.resolve("home"));
    run = folder.resolve("run");
    for (String file :
        List.of(
            "scripts/quickstart",
            "scripts/lib/prerequisites",
            "scripts/lib/spark-home",
            "conf/quickstart.yaml",
            "conf/sft-quickstart.yaml")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.copy(Path.of(file), home.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    executable("scripts/build", "#!/bin/sh\n");
    executable("scripts/fetch-model", "#!/bin/sh\n");
    executable("scripts/cria", CRIA);
    for (String program : List.of("mvn", "python3")) {
      executable("bin/" + program, "#!/bin/sh\n");
    }
    executable("bin/javac", "#!/bin/sh\necho javac 17.0.1\n");
  }

  private void executable(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String train(String data) throws IOException, InterruptedException {
    Files.writeString(home.resolve("data"), data);
    ProcessBuilder builder =
        new ProcessBuilder(
                home.resolve("scripts/quickstart").toString(), "--train", "--run", run.toString())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("CRIA_"));
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("CRIA_CACHE", home.resolve("cache").toString());
    builder.environment().merge("PATH", home.resolve("bin") + ":", (old, bin) -> bin + old);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    assumeTrue(!said.contains("missing on this machine"), "skipped: " + said.strip());
    assertThat(code).as(said).isZero();
    return said;
  }

  @Test
  void aModelOfAnotherDatasetOrOtherSettingsIsKeptAndANewOneBegins() throws Exception {
    assertThat(train("one\n")).doesNotContain("is kept in");
    assertThat(train("one\n")).doesNotContain("is kept in");
    assertThat(run.resolve("checkpoint/model/weights")).hasContent("one\none\n");

    assertThat(train("two\n")).contains("is kept in " + run.resolve("checkpoint.1"));
    assertThat(run.resolve("checkpoint/model/weights")).hasContent("two\n");
    assertThat(run.resolve("checkpoint.1/model/weights")).hasContent("one\none\n");

    Path settings = home.resolve("conf/sft-quickstart.yaml");
    Files.writeString(settings, Files.readString(settings).replace("epochs: 4", "epochs: 5"));
    assertThat(train("two\n")).contains("is kept in " + run.resolve("checkpoint.2"));
    assertThat(run.resolve("checkpoint.2/model/weights")).hasContent("two\n");
    assertThat(train("two\n")).doesNotContain("is kept in");
  }

  @Test
  void anUnpackedArchiveNeedsNoBuild() throws IOException, InterruptedException {
    executable("lib/cria.jar", "");
    executable("scripts/build", "#!/bin/sh\nexit 9\n");
    executable("cache/spark-4.2.0/pyspark/bin/spark-class", "#!/bin/sh\n");
    executable(
        "scripts/cria", CRIA.replace("case $1 in", "echo \"Spark in $SPARK_HOME\"\ncase $1 in"));
    String said = train("data");
    assertThat(said)
        .contains("1 of 6: a Spark", "Spark in " + home.resolve("cache/spark-4.2.0/pyspark"));
    assertThat(Files.readString(run.resolve("checkpoint/model/weights"))).isEqualTo("data");
  }
}
