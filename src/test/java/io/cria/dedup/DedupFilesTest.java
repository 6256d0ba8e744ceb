package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.run.RunProgress;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files are read, and what becomes of the output when one fails. */
class DedupFilesTest extends DedupFixture {
  private static final String A = "{\"text\": \"a b c\"}";
  private static final String B = "{\"text\": \"d e f\"}";

  @Test
  void namesAreNoPatternsAndNamedFilesAreNotPassedOver() throws IOException {
    file("x1.jsonl", B);
    String lines = file("x[1].jsonl", A);
    parquet("g1.parquet", "select 'wrong' as text");
    String table = parquet("g[1].parquet", "select 'g h i' as text");
    String hidden = file("_{data}*.jsonl", "{\"text\": \"j k l\"}");
    DedupReport report = run(lines, table, hidden);
    assertThat(kept()).containsExactly(A, "{\"text\":\"g h i\"}", "{\"text\": \"j k l\"}");
    assertThat(report.kept()).isEqualTo(3);
    assertThat(table("kept").count()).isEqualTo(3);
  }

  @Test
  void aHiddenParquetFileIsRefusedPlainly() throws IOException {
    String table = parquet("_g.parquet", "select 'g h i' as text");
    refusesInputs(new String[] {table}, table, "begins with a dot or an underscore: rename it");
  }

  @Test
  void whatLiesBelowHiddenNamesIsNoData() throws IOException {
    file(".hid/data/a.jsonl", A);
    file(".hid/data/_old/data/p.jsonl", B);
    file(".hid/data/sub/.data/p.jsonl", B);
    run(directory.resolve(".hid/data") + "/.");
    assertThat(kept()).containsExactly(A);
  }

  @Test
  void aFileUnderTwoNamesIsGivenOnce() throws IOException {
    String file = file("d/in.jsonl", A);
    Path link = Files.createSymbolicLink(directory.resolve("link.jsonl"), Path.of(file));
    String common = "it has a file in common with the input " + file;
    refusesInputs(new String[] {file, directory + "/d/./in.jsonl"}, common);
    refusesInputs(new String[] {file, directory + "/d"}, common);
    refusesInputs(new String[] {file, link.toString()}, common);
  }

  @ParameterizedTest
  @CsvSource({"d/in.jsonl, d/in.jsonl", "d, d/out", "d, d/x/../_out", "d/in.jsonl, d", "d, d"})
  void inputAndOutputLieApart(String input, String output) throws IOException {
    file("d/in.jsonl", A);
    refused(
        failure(options(directory + "/" + output, directory + "/" + input), RunProgress.silent()),
        "lie in one another");
    assertThat(Files.readString(directory.resolve("d/in.jsonl"))).isEqualTo(A);
  }

  @Test
  void whatAKilledJobLeftIsRemoved() throws IOException {
    file(".out.tmp/result/kept.jsonl", "half");
    file(".out.tmp/result/parts/0", "half");
    run(file("in.jsonl", A));
    assertThat(kept()).containsExactly(A);
    assertThat(directory.resolve("out/parts")).doesNotExist();
    assertThat(directory.resolve(".out.tmp")).doesNotExist();
  }

  @Test
  void oneJobAtATimeMakesAnOutput() throws IOException {
    String file = file("in.jsonl", A);
    AtomicReference<@Nullable CriaException> second = new AtomicReference<>();
    Dedup.run(
        SPARK,
        options(out(), file),
        at("deciding", () -> second.set(failure(options(out(), file), RunProgress.silent()))));
    assertThat(second.get())
        .isNotNull()
        .hasMessageContaining("another driver holds")
        .extracting(CriaException::exitCode)
        .isEqualTo(ExitCode.RUN_REFUSED);
    assertThat(kept()).containsExactly(A);
  }

  @ParameterizedTest
  @ValueSource(strings = {"swapped", "shorter", "longer", "gone", "no array"})
  void anInputThatChangesMeanwhileIsNamed(String how) throws IOException {
    String lines = file("in.jsonl", A, B);
    String array = file("in.json", "[{\"text\": \"x y z\"}, {\"text\": \"u v w\"}]");
    RunProgress change =
        at(
            "writing JSON lines",
            () -> {
              try {
                switch (how) {
                  case "swapped" -> file("in.jsonl", B, A, "");
                  case "shorter" -> file("in.jsonl", A);
                  case "longer" -> file("in.jsonl", A, B, A);
                  case "gone" -> Files.delete(Path.of(lines));
                  default -> file("in.json", "[{\"text\": \"x y z\"}");
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    refused(
        failure(options(out(), lines, array), change),
        (how.equals("no array") ? array : lines) + ": it changed while this job read it");
    nothingIsLeft();
  }

  @Test
  void parquetThatChangesMeanwhileIsNamed() throws IOException {
    String table = parquet("t.parquet", "select * from values ('a b c'), ('d e f') as t(text)");
    String other = parquet("u.parquet", "select * from values ('a b c'), ('x'), ('y') as t(text)");
    RunProgress change =
        at(
            "writing JSON lines",
            () -> {
              try {
                Files.copy(
                    Path.of(other),
                    Path.of(table),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    refused(failure(options(out(), table), change), table, "it changed while this job read it");
    nothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {".kept", ".dropped", "kept.jsonl", ".parquet"})
  void anOutputThatCannotBeWrittenIsNotBlamedOnTheInput(String end) throws IOException {
    SPARK.sparkContext().hadoopConfiguration().set("fs.failing.impl", FailingFiles.class.getName());
    String file = file("in.jsonl", A, A);
    FailingFiles.end = end;
    try {
      CriaException thrown = failure(options("failing://" + out(), file), RunProgress.silent());
      refused(thrown, "no room (No space left on device), ", "out");
      assertThat(thrown.getMessage()).doesNotContain("in.jsonl");
    } finally {
      FailingFiles.end = "none";
    }
    nothingIsLeft();
  }

  @Test
  void aByteOrderMarkIsNoPartOfARecord() throws IOException {
    String lines = file("in.jsonl", "\uFEFF" + A);
    String array = file("in.json", "\uFEFF[" + B + "]");
    file("folder/a.jsonl", "\uFEFF{\"text\": \"g h i\"}");
    file("folder/b.jsonl", "\uFEFF{\"text\": \"j k l\"}");
    run(lines, array, directory.resolve("folder").toString());
    assertThat(kept()).containsExactly(A, B, "{\"text\": \"g h i\"}", "{\"text\": \"j k l\"}");
  }

  @Test
  void recordsWithoutATextAreDroppedAsSuchWhereThatIsAsked() throws IOException {
    String lines =
        file(
            "in.jsonl",
            "{\"text\": null, \"n\": 3}",
            "{\"text\": \"a b c\", \"n\": 2}",
            "{\"n\": 1}",
            "{\"text\": \"a b c\", \"n\": 1}");
    String table =
        parquet("t.parquet", "select * from values ('d e f', 1L), (null, 2L) t(text, n)");
    DedupReport report =
        Dedup.run(
            SPARK,
            new DedupOptions(
                List.of(lines, table), "text", "n", 0.7, "rouge-en", "lossless", true, out()),
            RunProgress.silent());
    assertThat(report.missing()).isEqualTo(3);
    assertThat(report.dropped()).isEqualTo(4);
    assertThat(report.inputs().get(1).missing()).isEqualTo(1);
    assertThat(kept())
        .containsExactly("{\"text\": \"a b c\", \"n\": 1}", "{\"text\":\"d e f\",\"n\":1}");
    assertThat(Files.readAllLines(directory.resolve("out/dropped.jsonl")))
        .element(0)
        .isEqualTo(
            "{\"text\": null, \"n\": 3, \"_reason\": \"missing\", \"_neighbour\": null, \"_score\": null}");
    assertThat(table("dropped").filter("_reason = 'missing' and _neighbour is null").count())
        .isEqualTo(3);
  }

  @Test
  void aCompressionThatIsNotReadHereIsNamed() throws IOException {
    String file = file("in.jsonl.zst", A);
    refusesInputs(new String[] {file}, file, "this compression cannot be read here", ".gz or .bz2");
  }

  @Test
  void anArrayThatIsNotUtf8IsToldByLine() throws IOException {
    Path file = directory.resolve("in.json");
    Files.write(
        file,
        ("[" + A + "," + "\n".repeat(20_000) + "{\"text\": \"caf\u00e9\"}]")
            .getBytes(StandardCharsets.ISO_8859_1));
    refusesInputs(new String[] {file.toString()}, file + ":20001: the line is not valid UTF-8");
  }

  /** Does something when a step begins. */
  private static RunProgress at(String step, Runnable action) {
    return new RunProgress() {
      @Override
      public void begin(String what, long total) {
        if (what.equals(step)) {
          action.run();
        }
      }

      @Override
      public void advance(long done, @Nullable Double usd) {}

      @Override
      public void end() {}

      @Override
      public void note(String line) {}
    };
  }
}
