package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cria.run.RunProgress;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Small jobs over files of one directory, with their result in {@code out}. */
abstract class DedupFixture {
  static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path directory;

  String file(String name, String... lines) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, String.join("\n", lines)).toString();
  }

  /** One Parquet file of a query's rows. */
  String parquet(String name, String query) throws IOException {
    Path table = directory.resolve("_" + name);
    SPARK.sql(query).coalesce(1).write().parquet(table.toString());
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    try (var parts = Files.list(table)) {
      Path part =
          parts.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
      return Files.copy(part, file).toString();
    }
  }

  String out() {
    return directory.resolve("out").toString();
  }

  static DedupOptions options(String output, String... inputs) {
    return new DedupOptions(List.of(inputs), "text", null, 0.7, "rouge-en", "lossless", output);
  }

  DedupReport run(String... inputs) {
    return Dedup.run(SPARK, options(out(), inputs), RunProgress.silent());
  }

  CriaException failure(DedupOptions options, RunProgress progress) {
    return catchThrowableOfType(CriaException.class, () -> Dedup.run(SPARK, options, progress));
  }

  void refused(@Nullable CriaException thrown, String... parts) {
    assertThat(thrown)
        .isNotNull()
        .hasMessageContainingAll(parts)
        .extracting(CriaException::exitCode)
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  void refusesInputs(String[] inputs, String... parts) throws IOException {
    refused(failure(options(out(), inputs), RunProgress.silent()), parts);
    nothingIsLeft();
  }

  void nothingIsLeft() throws IOException {
    try (var files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.equals("out") || name.startsWith(".out"));
    }
  }

  List<String> kept() throws IOException {
    return Files.readAllLines(directory.resolve("out/kept.jsonl"));
  }

  Dataset<Row> table(String name) {
    return SPARK.read().parquet(directory.resolve("out").resolve(name).toString());
  }
}
