package io.cria.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One shard, memory-mapped. Little endian throughout:
 *
 * <pre>
 * 0   8  "CRIASHRD"
 * 8   4  version, 1
 * 12  4  length of the header, a multiple of 8
 * 16  .  header: {@link ShardHeader} as JSON, padded with spaces
 *     .  rows × int64      tokens up to the row's end
 *     .  rows × int32      segments up to the row's end
 *     .  segments × int32  length of each segment
 *     .  tokens × int32    ids
 *     .  tokens × int8     1 where learnt
 *     4  CRC-32C of everything before
 * </pre>
 *
 * A file is at most 2 GiB. Safe to read from many threads.
 */
final class ShardFile {
  static final long MAX_BYTES = Integer.MAX_VALUE;

  private static final byte[] MAGIC = {'C', 'R', 'I', 'A', 'S', 'H', 'R', 'D'};
  private static final int VERSION = 1;
  private static final int PREFIX = 16;

  /** Bytes of a header that is read by itself, at most. */
  private static final int MAX_HEADER = 1 << 20;

  private final ShardHeader header;
  private final ByteBuffer data;

  private ShardFile(ShardHeader header, ByteBuffer data) {
    this.header = header;
    this.data = data;
  }

  ShardHeader header() {
    return header;
  }

  /** Writes the bytes of a shard; the caller closes the stream. */
  static void write(OutputStream out, ShardHeader header, List<List<TokenisedExample>> rows)
      throws IOException {
    byte[] json = header.toJson();
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(PREFIX + padded + header.dataBytes() + 4))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putInt(VERSION).putInt(padded).put(json);
    while (bytes.position() < PREFIX + padded) {
      bytes.put((byte) ' ');
    }
    long tokens = 0;
    for (List<TokenisedExample> row : rows) {
      tokens += row.stream().mapToLong(TokenisedExample::length).sum();
      bytes.putLong(tokens);
    }
    int segments = 0;
    for (List<TokenisedExample> row : rows) {
      segments += row.size();
      bytes.putInt(segments);
    }
    rows.forEach(row -> row.forEach(segment -> bytes.putInt(segment.length())));
    for (List<TokenisedExample> row : rows) {
      for (TokenisedExample segment : row) {
        for (int i = 0; i < segment.length(); i++) {
          bytes.putInt(segment.id(i));
        }
      }
    }
    for (List<TokenisedExample> row : rows) {
      for (TokenisedExample segment : row) {
        for (int i = 0; i < segment.length(); i++) {
          bytes.put((byte) (segment.isLearnt(i) ? 1 : 0));
        }
      }
    }
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate().flip());
    bytes.putInt((int) checksum.getValue());
    out.write(bytes.array(), bytes.arrayOffset(), bytes.position());
  }

  /** Writes a shard beside {@code path} and moves it there whole. */
  static void write(Path path, ShardHeader header, List<List<TokenisedExample>> rows) {
    Path partial = path.resolveSibling(path.getFileName() + ".partial");
    try {
      NoRoom.require(path, header.dataBytes());
      try (FileChannel channel =
              FileChannel.open(
                  partial,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          OutputStream out = Channels.newOutputStream(channel)) {
        write(out, header, rows);
        channel.force(true);
      }
      Files.move(
          partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw NoRoom.or(
          path.toString(),
          header.dataBytes(),
          e,
          () ->
              new CriaException(
                  ExitCode.FAULT,
                  "cannot write "
                      + path
                      + " ("
                      + e.getMessage()
                      + "): check the disk, or choose another directory",
                  e));
    }
  }

  /**
   * Maps a shard and checks it whole.
   *
   * @throws CriaException (bad input) when it is missing, truncated, foreign or damaged
   */
  static ShardFile open(Path path) {
    return open(path, path.toString());
  }

  /**
   * The same of a copy.
   *
   * @param where names the file in errors
   */
  static ShardFile open(Path path, String where) {
    MappedByteBuffer map;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > MAX_BYTES) {
        throw refuse(where, "is no shard: it is larger than 2 GiB");
      }
      map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    } catch (IOException e) {
      throw unreadable(where, e);
    }
    map.order(ByteOrder.LITTLE_ENDIAN);
    ShardHeader header = header(where, map);
    int start = PREFIX + map.getInt(12);
    CRC32C checksum = new CRC32C();
    checksum.update(map.slice(0, map.capacity() - 4));
    if ((int) checksum.getValue() != map.getInt(map.capacity() - 4)) {
      throw refuse(where, "is damaged: its checksum does not hold");
    }
    ByteBuffer data = map.slice(start, (int) header.dataBytes()).order(ByteOrder.LITTLE_ENDIAN);
    return new ShardFile(header, data);
  }

  /**
   * What the beginning of a shard says of it; the rest is neither read nor checked.
   *
   * @param where names the file in errors
   * @throws CriaException (bad input) when it is truncated or foreign
   */
  static ShardHeader header(InputStream in, String where) throws IOException {
    ByteBuffer prefix = ByteBuffer.wrap(in.readNBytes(PREFIX)).order(ByteOrder.LITTLE_ENDIAN);
    int length = headerLength(where, prefix, MAX_HEADER);
    byte[] json = in.readNBytes(length);
    if (json.length < length) {
      throw refuse(where, "is truncated in its header");
    }
    ShardHeader header = parse(where, json);
    if (header.isNegative()) {
      throw refuse(where, "is damaged: its header lacks its sizes");
    }
    return header;
  }

  private static ShardHeader header(String where, ByteBuffer map) {
    int length = headerLength(where, map, map.capacity() - PREFIX - 4);
    byte[] json = new byte[length];
    map.get(PREFIX, json);
    ShardHeader header = parse(where, json);
    long expected = PREFIX + length + header.dataBytes() + 4;
    if (header.isNegative() || expected != map.capacity()) {
      throw refuse(
          where, "is truncated: it should have " + expected + " bytes and has " + map.capacity());
    }
    return header;
  }

  private static int headerLength(String where, ByteBuffer start, int most) {
    if (start.capacity() < PREFIX || !startsWithMagic(start)) {
      throw refuse(where, start.capacity() < PREFIX ? "is truncated" : "is no shard");
    }
    if (start.getInt(8) != VERSION) {
      throw refuse(
          where, "is a shard of version " + start.getInt(8) + ", and " + VERSION + " is read here");
    }
    int length = start.getInt(12);
    if (length < 0 || length > most) {
      throw refuse(where, "is truncated in its header");
    }
    return length;
  }

  private static ShardHeader parse(String where, byte[] json) {
    try {
      return ShardHeader.parse(json);
    } catch (JsonProcessingException e) {
      throw refuse(where, "is damaged: its header is no JSON");
    }
  }

  private static boolean startsWithMagic(ByteBuffer map) {
    byte[] start = new byte[MAGIC.length];
    map.get(0, start);
    return Arrays.equals(start, MAGIC);
  }

  /** What is told of a shard that cannot be read. */
  static CriaException unreadable(String where, IOException e) {
    return refuse(where, "cannot be read (" + e.getMessage() + ")");
  }

  private static CriaException refuse(String where, String why) {
    return CriaException.badInput(where + " " + why + ": write the shards again");
  }

  /** Segments of the rows before {@code row}. */
  int segmentsBefore(int row) {
    return row == 0 ? 0 : data.getInt(8 * header.rows() + 4 * (row - 1));
  }

  /** The row that holds segment {@code segment} of all in this file. */
  int rowOfSegment(int segment) {
    int low = 0;
    int high = header.rows() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segmentsBefore(middle + 1) > segment) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Row {@code index} of this file. */
  PackedRow row(int index) {
    int rows = header.rows();
    long tokenStart = index == 0 ? 0 : data.getLong(8 * (index - 1));
    int length = (int) (data.getLong(8 * index) - tokenStart);
    int segmentBase = 8 * rows;
    int segmentStart = segmentsBefore(index);
    int segments = segmentsBefore(index + 1) - segmentStart;
    int lengthBase = segmentBase + 4 * rows;
    int[] segmentLengths = new int[segments];
    for (int i = 0; i < segments; i++) {
      segmentLengths[i] = data.getInt(lengthBase + 4 * (segmentStart + i));
    }
    int idBase = lengthBase + 4 * header.segments();
    int markBase = Math.toIntExact(idBase + 4 * header.tokens());
    int[] ids = new int[length];
    boolean[] learnt = new boolean[length];
    for (int i = 0; i < length; i++) {
      int at = (int) (tokenStart + i);
      ids[i] = data.getInt(idBase + 4 * at);
      learnt[i] = data.get(markBase + at) != 0;
    }
    return new PackedRow(ids, learnt, segmentLengths);
  }
}
