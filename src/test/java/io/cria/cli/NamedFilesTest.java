package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.CountedFiles;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users name to the commands: on any file system of Hadoop's, on the disk, or shipped. */
class NamedFilesTest {
  /** As the launcher hands options of a store on. */
  private static final String STORE = "spark.hadoop.fs.counted.impl";

  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void makeARunAndAStore() throws IOException {
    System.setProperty(STORE, CountedFiles.class.getName());
    run = folder.resolve("run");
    HandMadeRun.write(LocalSpark.session(), run);
  }

  @AfterAll
  static void forgetTheStore() {
    System.clearProperty(STORE);
  }

  private static String store(Path path) {
    return "counted://" + path;
  }

  private static Path seeds() throws IOException {
    return Files.copy(
        Path.of("conf/seeds/quickstart_tasks.jsonl"), folder.resolve("s" + System.nanoTime()));
  }

  @Test
  void aRunFileAndItsSeedsMayBeShippedOrLieInAStore() throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    Files.copy(Path.of("conf/alpaca.yaml"), own.resolve("alpaca.yaml"));
    for (String folderOf : List.of("seeds", "prompts")) {
      Path yaml = own.resolve("alpaca.yaml");
      Files.writeString(
          yaml, Files.readString(yaml).replace(": " + folderOf + "/", ": conf/" + folderOf + "/"));
    }
    String expected = dryRun("conf/alpaca.yaml");
    assertThat(expected).contains("generate");
    assertThat(dryRun("shipped:conf/alpaca.yaml")).isEqualTo(expected);
    assertThat(dryRun(own.resolve("alpaca.yaml").toString())).isEqualTo(expected);
    assertThat(dryRun(store(own.resolve("alpaca.yaml")))).isEqualTo(expected);
    String other = dryRun("conf/alpaca.yaml", "--seeds", "conf/seeds/quickstart_tasks.jsonl");
    assertThat(other).isNotEqualTo(expected);
    assertThat(dryRun("shipped:conf/alpaca.yaml", "--seeds", store(seeds()))).isEqualTo(other);
    assertThat(
            dryRun(
                store(own.resolve("alpaca.yaml")),
                "--seeds",
                "shipped:conf/seeds/quickstart_tasks.jsonl"))
        .isEqualTo(other);
  }

  private static String dryRun(String conf, String... more) {
    Object[] args = new Object[more.length + 4];
    System.arraycopy(new Object[] {"dry-run", conf, "--target", "9"}, 0, args, 0, 4);
    System.arraycopy(more, 0, args, 4, more.length);
    Called called = Called.with(args);
    assertThat(called.code()).as(called.err()).isZero();
    return called.out();
  }

  @Test
  void seedsAreCheckedWhereverTheyLie() throws IOException {
    for (String file : List.of("shipped:conf/seeds/seed_tasks.jsonl", store(seeds()))) {
      Called called = Called.with("seeds", "check", file);
      assertThat(called.code()).as(called.err()).isZero();
      assertThat(called.out()).contains("tasks  ").doesNotContain("error:");
    }
  }

  @Test
  void parseReadsAndWritesInAStore() throws IOException {
    Path in =
        Files.writeString(folder.resolve("in.jsonl"), "{\"text\": \"Name two birds here.\"}\n");
    Path out = folder.resolve("out.jsonl");
    Called called = Called.with("parse", "--kind", "instructions", store(in), store(out));
    assertThat(called.err().strip()).isEqualTo("cria: 1 line read, " + store(out));
    assertThat(out).hasContent("{\"accepted\":[\"Name two birds here.\"],\"rejected\":[]}");
  }

  @Test
  void aFileOfSqlMayLieInAStore() throws IOException {
    Path query = Files.writeString(folder.resolve("q.sql"), "select count(*) as n from examples");
    Called called = Called.with("sql", run, "-f", store(query), "--format", "csv");
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out()).startsWith("n\n");
    Called none = Called.with("sql", run, "-f", store(folder.resolve("none")));
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err().strip())
        .isEqualTo(
            "cria: "
                + store(folder.resolve("none"))
                + ": no such file: give a file of SQL in UTF-8");
  }

  @Test
  void statusAndStopReachARunInAStore() {
    Called status = Called.with("status", store(run));
    assertThat(status.out()).contains("run          " + store(run));
    assertThat(status.err()).doesNotContain("cannot be reached");
    assertThat(Called.with("stop", store(run)).err()).contains("nothing is running there");
  }

  @Test
  void withoutTheJarsOfS3EveryCommandNamesThem() {
    String run = "s3a://bucket/run";
    String file = "s3a://bucket/file";
    for (List<String> command :
        List.of(
            List.of("status", run),
            List.of("stop", run),
            List.of("show", run),
            List.of("sql", run, "-e", "select 1"),
            List.of("sql", "r", "-f", file),
            List.of("export", run),
            List.of("dry-run", file),
            List.of("dry-run", "conf/alpaca.yaml", "--seeds", file),
            List.of("run", file, "--run", run, "--yes"),
            List.of("stage", "generate", "--run", run, "--conf", "conf/alpaca.yaml"),
            List.of("seeds", "check", file),
            List.of("dedup", "--input", file, "--column", "text", "--output", "o"),
            List.of("parse", "--kind", "alpaca", file, "out"),
            List.of("parse", "--kind", "alpaca", "conf/prices.yaml", file))) {
      Called called = Called.with(command.toArray());
      assertThat(called.code()).as("%s: %s", command, called.err()).isEqualTo(2);
      assertThat(called.err().lines())
          .as("%s", command)
          .singleElement()
          .asString()
          .startsWith("cria: s3a://bucket/")
          .endsWith(
              "): add the jars of lib/s3; scripts/cria does so itself when a path begins with"
                  + " s3a://");
    }
  }

  @Test
  void aNameThatIsNearlyShippedIsToldWithWhatIs() {
    Called called = Called.with("dry-run", "conf/alpacca.yaml");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().strip())
        .startsWith(
            "cria: conf/alpacca.yaml: no such file: give the path of a configuration (shipped are"
                + " conf/alpaca.yaml, conf/evaluate.yaml, ")
        .endsWith(")");
    Called seeds = Called.with("dry-run", "conf/alpaca.yaml", "--seeds", "conf/seeds/mine.jsonl");
    assertThat(seeds.code()).isEqualTo(2);
    assertThat(seeds.err().strip())
        .isEqualTo(
            "cria: conf/seeds/mine.jsonl: no such file: give the path of a file of seed tasks (JSONL)"
                + " (shipped are conf/seeds/korean_tasks.jsonl, conf/seeds/quickstart_tasks.jsonl,"
                + " conf/seeds/seed_tasks.jsonl)");
  }

  @Test
  void inAnEmptyFolderOnTheClassPathIsEnough() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.cria.cli.Main",
                "dry-run",
                "conf/alpaca.yaml",
                "--target",
                "9")
            .directory(empty.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("err"))).isZero();
    assertThat(out).isEqualTo(dryRun("conf/alpaca.yaml"));
  }
}
