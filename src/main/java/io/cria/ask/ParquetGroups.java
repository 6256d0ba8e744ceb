package io.cria.ask;

import io.cria.storage.RunDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.jspecify.annotations.Nullable;

/** The records of one small Parquet file, read without a Spark job. */
final class ParquetGroups implements Iterator<Group>, Closeable {
  private final String name;
  private final ParquetReader<Group> reader;
  private @Nullable Group ahead;

  private ParquetGroups(String name, ParquetReader<Group> reader) throws IOException {
    this.name = name;
    this.reader = reader;
    this.ahead = reader.read();
  }

  /**
   * @param file below the run directory
   */
  static ParquetGroups open(
      RunDirectory run, Configuration hadoop, String file, FilterCompat.Filter filter) {
    String name = run.path(file);
    try {
      return new ParquetGroups(
          name,
          new Groups(HadoopInputFile.fromPath(new Path(name), hadoop)).withFilter(filter).build());
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  @Override
  public boolean hasNext() {
    return ahead != null;
  }

  @Override
  public Group next() {
    Group group = ahead;
    if (group == null) {
      throw new NoSuchElementException(name);
    }
    try {
      ahead = reader.read();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
    return group;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static UncheckedIOException unreadable(String name, IOException e) {
    return new UncheckedIOException(name + " cannot be read", e);
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
}
