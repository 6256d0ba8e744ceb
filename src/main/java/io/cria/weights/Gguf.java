package io.cria.weights;

import io.cria.task.CriaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A GGUF file of version 2 or 3, memory-mapped, under its own tensor names (ggml's docs/gguf.md).
 * Shapes are turned round to row-major order: GGUF writes the fastest dimension first, {@link
 * StoredTensor#shape} has it last.
 */
public final class Gguf implements Weights {
  static final int MAGIC = 0x46554747;
  static final int DEFAULT_ALIGNMENT = 32;

  /** Ids of the metadata's value types. */
  static final class Kind {
    static final int UINT8 = 0;
    static final int INT8 = 1;
    static final int UINT16 = 2;
    static final int INT16 = 3;
    static final int UINT32 = 4;
    static final int INT32 = 5;
    static final int FLOAT32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int UINT64 = 10;
    static final int INT64 = 11;
    static final int FLOAT64 = 12;

    private Kind() {}
  }

  private final Path path;
  private final int version;
  private final GgufMetadata metadata;
  private final Map<String, StoredTensor> tensors;

  private Gguf(Path path, int version, GgufMetadata metadata, Map<String, StoredTensor> tensors) {
    this.path = path;
    this.version = version;
    this.metadata = metadata;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens the file and checks its header against its size.
   *
   * @throws CriaException (bad input) when it is missing, truncated, foreign or inconsistent: names
   *     file and tensor
   */
  public static Gguf open(Path path) {
    return new Parser(MappedFile.open(path)).parse();
  }

  public Path path() {
    return path;
  }

  public int version() {
    return version;
  }

  public GgufMetadata metadata() {
    return metadata;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw CriaException.badInput(path + " has no tensor " + name + ": is it a whole model?");
    }
    return tensor;
  }

  /** What the header says of one tensor. */
  private record Entry(String name, TensorType type, List<Long> shape, long offset) {
    long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    long bytes() {
      return type.bytesOf(StoredTensor.elementsOf(dimensions()));
    }
  }

  private static final class Parser {
    private final MappedFile file;
    private final MappedFile.Cursor in;

    Parser(MappedFile file) {
      this.file = file;
      this.in = file.cursor();
    }

    Gguf parse() {
      if (file.size() < 24 || in.int32() != MAGIC) {
        throw refuse("is no GGUF file: it does not begin with GGUF: give a .gguf file");
      }
      int version = in.int32();
      if (version != 2 && version != 3) {
        boolean swapped = Integer.reverseBytes(version) == 3;
        throw refuse(
            swapped
                ? "is a big-endian GGUF file: convert it to little endian"
                : "is GGUF version " + version + ", and 2 and 3 are supported: convert it again");
      }
      long tensorCount = count("tensors", 24);
      long pairCount = count("metadata pairs", 12);
      Map<String, Object> pairs = new LinkedHashMap<>();
      for (long i = 0; i < pairCount; i++) {
        String key = string();
        if (pairs.put(key, value(in.int32(), key, 0)) != null) {
          throw refuse("is inconsistent: it has the key " + key + " twice: fetch it again");
        }
      }
      GgufMetadata metadata = new GgufMetadata(pairs);
      requireWhole(metadata);
      long alignment = metadata.integer("general.alignment").orElse((long) DEFAULT_ALIGNMENT);
      if (alignment < 1 || alignment > 1 << 20) {
        throw refuse("is inconsistent: general.alignment is " + alignment + ": fetch it again");
      }
      List<Entry> entries = new ArrayList<>();
      for (long i = 0; i < tensorCount; i++) {
        entries.add(entry(alignment));
      }
      long dataStart = (in.position() + alignment - 1) / alignment * alignment;
      return new Gguf(file.path(), version, metadata, tensors(entries, dataStart));
    }

    /** A large model may lie in several files, each with a part of its tensors. */
    private void requireWhole(GgufMetadata metadata) {
      long parts = metadata.integer("split.count").orElse(1L);
      if (parts > 1) {
        throw refuse(
            "is part "
                + (metadata.integer("split.no").orElse(0L) + 1)
                + " of "
                + parts
                + " of a split file: join them with llama-gguf-split --merge FIRST-PART WHOLE.gguf,"
                + " and give the whole");
      }
    }

    private Map<String, StoredTensor> tensors(List<Entry> entries, long dataStart) {
      long dataLength = Math.max(0, file.size() - dataStart);
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (Entry entry : entries) {
        long bytes = entry.bytes();
        if (entry.offset > dataLength - bytes) {
          throw refuse(
              "is truncated: tensor "
                  + entry.name
                  + " ends at byte "
                  + (entry.offset + bytes)
                  + " of its data, which have "
                  + dataLength
                  + ": fetch it again");
        }
        StoredTensor tensor =
            new StoredTensor(
                entry.name,
                entry.type,
                entry.dimensions(),
                file.slices(dataStart + entry.offset, bytes, entry.type.blockBytes()));
        if (tensors.put(entry.name, tensor) != null) {
          throw refuse("is inconsistent: it has tensor " + entry.name + " twice: fetch it again");
        }
      }
      requireApart(entries);
      return tensors;
    }

    private void requireApart(List<Entry> entries) {
      long end = 0;
      String before = "the header";
      for (Entry entry :
          entries.stream().sorted(Comparator.comparingLong(Entry::offset)).toList()) {
        if (entry.offset < end) {
          throw refuse(
              "is inconsistent: tensor " + entry.name + " overlaps " + before + ": fetch it again");
        }
        end = entry.offset + entry.bytes();
        before = entry.name;
      }
    }

    private Entry entry(long alignment) {
      String name = string();
      int dimensions = in.int32();
      if (dimensions < 0 || dimensions > 4) {
        throw refuse(
            "is inconsistent: tensor "
                + name
                + " has "
                + dimensions
                + " dimensions: fetch it again");
      }
      List<Long> shape = new ArrayList<>();
      for (int i = 0; i < dimensions; i++) {
        shape.add(0, in.int64());
      }
      int typeId = in.int32();
      long offset = in.int64();
      TensorType type =
          TensorType.ofGgml(typeId)
              .orElseThrow(
                  () ->
                      refuse(
                          "has tensor "
                              + name
                              + " of ggml type "
                              + typeId
                              + ", which is not supported: use F32, F16, BF16, Q8_0, Q4_0 to Q5_1"
                              + " or Q2_K to Q6_K"));
      Entry entry = new Entry(name, type, List.copyOf(shape), offset);
      long row = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
      boolean sound = offset >= 0 && offset % alignment == 0 && row % type.blockElements() == 0;
      try {
        sound = sound && entry.bytes() >= 0;
      } catch (ArithmeticException e) {
        sound = false;
      }
      if (!sound) {
        throw refuse(
            "is inconsistent: tensor "
                + name
                + " has shape "
                + shape
                + " as "
                + type
                + " at "
                + offset
                + ": fetch it again");
      }
      return entry;
    }

    /** A count, each item of which takes at least {@code itemBytes}. */
    private long count(String what, long itemBytes) {
      long count = in.int64();
      if (count < 0 || count > in.remaining() / itemBytes) {
        throw refuse(
            "is truncated: it announces "
                + count
                + " "
                + what
                + " and is too short for them: fetch it again");
      }
      return count;
    }

    private String string() {
      long length = count("bytes of text", 1);
      if (length > Integer.MAX_VALUE - 8) {
        throw refuse("is inconsistent: a text of " + length + " bytes: fetch it again");
      }
      return new String(in.bytes((int) length), StandardCharsets.UTF_8);
    }

    private Object value(int kind, String key, int depth) {
      return switch (kind) {
        case Kind.UINT8 -> (long) (in.int8() & 0xFF);
        case Kind.INT8 -> (long) in.int8();
        case Kind.UINT16 -> (long) (in.int16() & 0xFFFF);
        case Kind.INT16 -> (long) in.int16();
        case Kind.UINT32 -> in.int32() & 0xFFFFFFFFL;
        case Kind.INT32 -> (long) in.int32();
        case Kind.FLOAT32 -> Float.intBitsToFloat(in.int32());
        case Kind.BOOL -> in.int8() != 0;
        case Kind.STRING -> string();
        case Kind.UINT64, Kind.INT64 -> in.int64();
        case Kind.FLOAT64 -> Double.longBitsToDouble(in.int64());
        case Kind.ARRAY -> array(key, depth + 1);
        default ->
            throw refuse(
                "is inconsistent: key " + key + " has value type " + kind + ": fetch it again");
      };
    }

    private Object array(String key, int depth) {
      int kind = in.int32();
      long length = count("items of " + key, width(kind));
      if (depth > 4 || length > Integer.MAX_VALUE / 16) {
        throw refuse(
            "is inconsistent: key " + key + " has an array too deep or too long: fetch it again");
      }
      int size = (int) length;
      switch (kind) {
        case Kind.FLOAT32 -> {
          float[] values = new float[size];
          ByteBuffer.wrap(in.bytes(4 * size))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(values);
          return values;
        }
        case Kind.FLOAT64 -> {
          double[] values = new double[size];
          ByteBuffer.wrap(in.bytes(8 * size))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asDoubleBuffer()
              .get(values);
          return values;
        }
        case Kind.STRING, Kind.BOOL, Kind.ARRAY -> {
          List<Object> values = new ArrayList<>(size);
          for (int i = 0; i < size; i++) {
            values.add(value(kind, key, depth));
          }
          return List.copyOf(values);
        }
        default -> {
          long[] values = new long[size];
          for (int i = 0; i < size; i++) {
            values[i] = (Long) value(kind, key, depth);
          }
          return values;
        }
      }
    }

    private static int width(int kind) {
      return switch (kind) {
        case Kind.UINT16, Kind.INT16 -> 2;
        case Kind.UINT32, Kind.INT32, Kind.FLOAT32 -> 4;
        case Kind.UINT64, Kind.INT64, Kind.FLOAT64, Kind.STRING -> 8;
        case Kind.ARRAY -> 12;
        default -> 1;
      };
    }

    private CriaException refuse(String why) {
      return CriaException.badInput(file.path() + " " + why);
    }
  }
}
