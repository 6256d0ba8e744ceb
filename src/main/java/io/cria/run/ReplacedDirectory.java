package io.cria.run;

import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A directory of one Parquet file, beside the line and not under its lock: it has one of its own,
 * which is held while it is published. What a publisher that was ended left is gone then.
 *
 * <p>In the directory lies nothing but Parquet, so that every reader of directories can open it.
 * Its manifest, its lock and what is under way are its books, and lie in {@code _beside/PATH}.
 * Earlier versions kept them inside; they are found there, too, until the next publisher.
 *
 * <p>It is replaced in one step, that of its manifest: a file is named by what is in it, so that a
 * new one lies beside that which the old manifest names, which is removed afterwards.
 */
final class ReplacedDirectory implements AutoCloseable {
  private static final String PART = "part-00000";
  private static final String PARQUET = ".parquet";
  private static final int NAMED = 12;

  private static final String BOOKS = "_beside/";
  private static final Set<String> EARLIER_BOOKS =
      Set.of(Commits.COPY, RunLock.FILE, RunDirectory.TEMPORARY);

  private final String path;
  private final RunDirectory run;
  private final RunDirectory books;
  private final RunLock lock;
  private final String temporary;
  private final String written;

  private ReplacedDirectory(String path, RunDirectory run, RunDirectory books, RunLock lock) {
    this.path = path;
    this.run = run;
    this.books = books;
    this.lock = lock;
    this.temporary = books.newTemporary();
    this.written = temporary + "/" + PART + PARQUET;
  }

  /**
   * Where the manifest of such a directory stands, below the run's; where it would, if there is
   * none.
   */
  static String manifest(RunDirectory run, String path) {
    String now = BOOKS + path + "/" + Commits.COPY;
    String before = path + "/" + Commits.COPY;
    return !run.exists(now) && run.exists(before) ? before : now;
  }

  /** The manifest of such a directory; looked for again where it was about to be moved. */
  static Optional<String> manifestText(RunDirectory run, String path) {
    return run.text(manifest(run, path)).or(() -> run.text(manifest(run, path)));
  }

  /**
   * Takes it for this publisher.
   *
   * @param path below the run's directory
   * @throws io.cria.task.CriaException while another process publishes it
   */
  static ReplacedDirectory take(RunDirectory run, Configuration hadoop, String path) {
    RunDirectory books = RunDirectory.at(run.path(BOOKS + path), hadoop);
    ReplacedDirectory taken =
        new ReplacedDirectory(path, run, books, RunLock.acquire(books, Clock.systemUTC()));
    books.removeTemporaries();
    return taken;
  }

  /** The directory of what is under way. */
  RunDirectory books() {
    return books;
  }

  /** Where the file is written, below {@link #books}. */
  String written() {
    return written;
  }

  /**
   * Writes what executors make. One task writes it, so bytes follow from the rows.
   *
   * @param order columns that together tell any two rows apart
   * @param columns of the file
   * @return the number of rows
   */
  long write(Dataset<Row> rows, List<String> order, List<String> columns, Configuration hadoop) {
    rows.repartition(1) // by a shuffle, so that what comes before stays parallel
        .sortWithinPartitions(columns(order))
        .select(columns(columns))
        .write()
        .parquet(books.path(temporary));
    return RunTables.tidy(books, temporary, hadoop).stream().mapToLong(Manifest.File::rows).sum();
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }

  /** What was written, named from the run's directory as it will lie there. */
  Manifest.File file(long rows) {
    String sha256 = books.sha256(written);
    String name = PART + "-" + sha256.substring(0, NAMED) + PARQUET;
    return new Manifest.File(path + "/" + name, rows, books.size(written), sha256);
  }

  /** The old manifest counts, with its files, until the new one stands in its place. */
  Manifest replace(Manifest.File file, Manifest manifest) {
    lock.requireHeld();
    run.rename(BOOKS + path + "/" + written, file.name());
    books.replace(Commits.COPY, Json.write(manifest));
    run.list(path).stream()
        .filter(other -> other.endsWith(PARQUET) || EARLIER_BOOKS.contains(other))
        .map(other -> path + "/" + other)
        .filter(other -> !other.equals(file.name()))
        .forEach(run::delete);
    return manifest;
  }

  @Override
  public void close() {
    try {
      if (!lock.isLost()) {
        books.removeTemporaries();
      }
    } finally {
      lock.close();
    }
  }
}
