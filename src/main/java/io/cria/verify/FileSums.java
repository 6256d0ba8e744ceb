package io.cria.verify;

import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Files against their manifests, on the executors where they are large: there, of so many bytes,
 * these bytes and rows.
 */
final class FileSums {
  private static final String PARQUET = ".parquet";
  private static final int SHOWN = 8;

  private FileSums() {}

  /**
   * What came of it.
   *
   * @param findings what is wrong
   * @param bytes that were read
   * @param unreadable Parquet files whose rows cannot be read
   */
  record Sums(Findings findings, long bytes, TreeSet<String> unreadable) implements Serializable {
    void add(Sums other) {
      findings.add(other.findings);
      unreadable.addAll(other.unreadable);
    }
  }

  /**
   * Checks these files; {@code cut} characters at the start of their names lead to the directory.
   */
  static Sums of(SparkSession session, RunDirectory directory, List<Manifest.File> files, int cut) {
    Sums all =
        new Sums(
            new Findings(), files.stream().mapToLong(Manifest.File::bytes).sum(), new TreeSet<>());
    if (files.isEmpty()) {
      return all;
    }
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    List<Held> held =
        files.stream()
            .map(
                f ->
                    new Held(
                        f.name().substring(Math.min(cut, f.name().length())),
                        f.rows(),
                        f.bytes(),
                        f.sha256()))
            .toList();
    Check check =
        new Check(directory.root(), new SerializableConfiguration(spark.hadoopConfiguration()));
    if (all.bytes() <= TableFiles.HELD_BYTES) {
      all.add(check.call(held.iterator()).next());
      return all;
    }
    session.sparkContext().setJobDescription("cria: checksums");
    spark
        .parallelize(held, Math.min(files.size(), 4 * spark.defaultParallelism()))
        .mapPartitions(check)
        .collect()
        .forEach(all::add);
    return all;
  }

  /** A file of a manifest, as it travels. */
  private record Held(String name, long rows, long bytes, String sha256) implements Serializable {}

  private static final class Check implements FlatMapFunction<Iterator<Held>, Sums> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;

    Check(String root, SerializableConfiguration hadoop) {
      this.root = root;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Sums> call(Iterator<Held> files) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      Sums sums = new Sums(new Findings(), 0, new TreeSet<>());
      while (files.hasNext()) {
        check(run, hadoop.value(), files.next(), sums);
      }
      return List.of(sums).iterator();
    }
  }

  private static void check(RunDirectory run, Configuration hadoop, Held file, Sums sums) {
    String name = file.name();
    if (!run.exists(name)) {
      sums.findings().add(name, "is missing");
      sums.unreadable().add(name);
      return;
    }
    String found;
    try {
      found = run.sha256(name);
    } catch (CriaException e) {
      sums.findings().add(name, "cannot be read: " + e.getMessage());
      sums.unreadable().add(name);
      return;
    }
    boolean same = found.equals(file.sha256());
    long rows = name.endsWith(PARQUET) ? rows(run.path(name), hadoop, !same) : lines(run, name);
    if (rows == UNREADABLE) {
      sums.unreadable().add(name);
    }
    String counted =
        rows >= 0 && file.rows() >= 0 && rows != file.rows()
            ? "has " + rows + " rows, and its manifest says " + file.rows()
            : "";
    if (!same) {
      sums.findings()
          .add(
              name,
              "its bytes are not those of its manifest (SHA-256 "
                  + found.substring(0, SHOWN)
                  + "…, not "
                  + file.sha256().substring(0, Math.min(SHOWN, file.sha256().length()))
                  + "…)"
                  + (counted.isEmpty() ? "" : "; it " + counted)
                  + (rows == UNREADABLE ? "; its rows cannot be read" : ""));
    } else if (!counted.isEmpty()) {
      sums.findings().add(name, counted);
    } else if (run.size(name) != file.bytes()) {
      sums.findings()
          .add(name, "has " + run.size(name) + " bytes, and its manifest says " + file.bytes());
    }
  }

  private static final long UNREADABLE = -2;

  /**
   * Rows of a Parquet file.
   *
   * @param all whether every one is read, and not the footer alone
   */
  private static long rows(String path, Configuration hadoop, boolean all) {
    try {
      HadoopInputFile file = HadoopInputFile.fromPath(new Path(path), hadoop);
      try (ParquetFileReader reader = ParquetFileReader.open(file)) {
        long rows = reader.getRecordCount();
        return !all || readsAll(file) ? rows : UNREADABLE;
      }
    } catch (IOException | RuntimeException e) {
      // whatever Parquet makes of damaged bytes: the finding tells that they are
      return UNREADABLE;
    }
  }

  private static boolean readsAll(InputFile file) throws IOException {
    try (ParquetReader<Group> reader = new Groups(file).build()) {
      while (reader.read() != null) {
        // only whether it can be
      }
      return true;
    }
  }

  private static final class Groups extends ParquetReader.Builder<Group> {
    Groups(InputFile file) {
      super(file);
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }

  /** Records of an export: one a line, an array's brackets on lines of their own. */
  private static long lines(RunDirectory run, String name) {
    if (!name.endsWith(".jsonl") && !name.endsWith("alpaca.json")) {
      return -1;
    }
    long lines = 0;
    List<String> brackets = new ArrayList<>(List.of("[", "]", "[]"));
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(run.open(name), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines += name.endsWith(".json") && brackets.contains(line) ? 0 : 1;
      }
      return lines;
    } catch (IOException e) {
      return -1;
    }
  }
}
