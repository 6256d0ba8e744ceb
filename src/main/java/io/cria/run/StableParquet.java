package io.cria.run;

import io.cria.storage.RunDirectory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * Parquet files whose bytes follow from their rows alone. The writer lists the encodings of a
 * column in the order of a hash set, which changes from process to process; here the list is
 * sorted. Nothing else of a file is touched.
 */
final class StableParquet {
  /** Length of the footer, then the closing magic (Parquet format, "File format"). */
  private static final int TAIL = 8;

  private StableParquet() {}

  /** Moves a Parquet file and puts its footer in order on the way. */
  static void move(RunDirectory run, String from, String to) {
    move(run, from, to, new TreeMap<>());
  }

  /**
   * The same.
   *
   * @param metadata keys and values that the footer is to have beside its own
   */
  static void move(RunDirectory run, String from, String to, SortedMap<String, String> metadata) {
    try {
      byte[] tail = read(run, from, run.size(from) - TAIL, TAIL);
      int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
      long body = run.size(from) - TAIL - length;
      byte[] footer = ordered(read(run, from, body, length), metadata);
      ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length);
      try (InputStream in = run.open(from);
          OutputStream out = run.create(to)) {
        copy(in, out, body);
        out.write(footer);
        out.write(tail);
      }
      run.delete(from);
    } catch (IOException e) {
      throw new UncheckedIOException(run.path(from) + " cannot be copied to " + to, e);
    }
  }

  private static byte[] ordered(byte[] footer, SortedMap<String, String> metadata)
      throws IOException {
    FileMetaData file = Util.readFileMetaData(new ByteArrayInputStream(footer));
    for (RowGroup group : file.getRow_groups()) {
      for (ColumnChunk column : group.getColumns()) {
        column.getMeta_data().getEncodings().sort(null);
      }
    }
    metadata.forEach((key, value) -> file.addToKey_value_metadata(pair(key, value)));
    ByteArrayOutputStream out = new ByteArrayOutputStream(footer.length);
    Util.writeFileMetaData(file, out);
    return out.toByteArray();
  }

  private static KeyValue pair(String key, String value) {
    return new KeyValue(key).setValue(value);
  }

  private static byte[] read(RunDirectory run, String path, long offset, int length)
      throws IOException {
    try (InputStream in = run.open(path)) {
      in.skipNBytes(offset);
      return in.readNBytes(length);
    }
  }

  private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = bytes; left > 0; ) {
      int read = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
      if (read == 0) {
        throw new IOException("the file ends " + left + " bytes early");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
