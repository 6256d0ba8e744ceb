package io.cria.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes GGUF files of version 3, tensors in the given order, each at a multiple of 32 bytes. */
public final class GgufWriter {
  private GgufWriter() {}

  /**
   * Writes beside {@code path} and moves the finished, synced file there.
   *
   * @param metadata values as in {@link GgufMetadata}; general.alignment is not to be set
   * @param tensors under GGUF names, shapes in row-major order
   * @throws io.cria.task.CriaException naming the file when it cannot be written
   * @throws IllegalArgumentException for a value or tensor that GGUF has no type for
   */
  public static void write(Path path, Map<String, ?> metadata, List<TensorContent> tensors) {
    byte[] header = header(metadata, tensors);
    AtomicFile.write(
        path,
        header.length + tensors.stream().mapToLong(TensorContent::byteLength).sum(),
        out -> {
          out.put(ByteBuffer.wrap(header));
          out.zeros(padding(out.position()));
          for (TensorContent tensor : tensors) {
            out.put(tensor);
            out.zeros(padding(out.position()));
          }
        });
  }

  private static byte[] header(Map<String, ?> metadata, List<TensorContent> tensors) {
    Bytes out = new Bytes();
    out.int32(Gguf.MAGIC).int32(3).int64(tensors.size()).int64(metadata.size());
    for (Map.Entry<String, ?> pair : metadata.entrySet()) {
      out.string(pair.getKey());
      out.value(pair.getKey(), pair.getValue());
    }
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (TensorContent tensor : tensors) {
      if (tensor.type().ggmlId() < 0 || !names.add(tensor.name())) {
        throw new IllegalArgumentException(
            "tensor "
                + tensor.name()
                + " ("
                + tensor.type()
                + ") is named twice or has no place in GGUF");
      }
      long[] shape = tensor.shape();
      out.string(tensor.name()).int32(shape.length);
      for (int i = shape.length - 1; i >= 0; i--) {
        out.int64(shape[i]);
      }
      out.int32(tensor.type().ggmlId()).int64(offset);
      offset += tensor.byteLength();
      offset += padding(offset);
    }
    return out.toByteArray();
  }

  private static int padding(long position) {
    int over = (int) (position % Gguf.DEFAULT_ALIGNMENT);
    return over == 0 ? 0 : Gguf.DEFAULT_ALIGNMENT - over;
  }

  /** A growing little-endian buffer. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes int32(int value) {
      return put(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value));
    }

    Bytes int64(long value) {
      return put(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value));
    }

    Bytes string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int64(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    void value(String key, Object value) {
      if (value instanceof String text) {
        int32(Gguf.Kind.STRING).string(text);
      } else if (value instanceof Integer number) {
        int32(Gguf.Kind.UINT32).int32(number);
      } else if (value instanceof Long number) {
        int32(Gguf.Kind.UINT64).int64(number);
      } else if (value instanceof Float number) {
        int32(Gguf.Kind.FLOAT32).int32(Float.floatToRawIntBits(number));
      } else if (value instanceof Double number) {
        int32(Gguf.Kind.FLOAT64).int64(Double.doubleToRawLongBits(number));
      } else if (value instanceof Boolean flag) {
        int32(Gguf.Kind.BOOL).out.write(flag ? 1 : 0);
      } else {
        int32(Gguf.Kind.ARRAY).array(key, value);
      }
    }

    private void array(String key, Object value) {
      if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
        int32(Gguf.Kind.STRING).int64(list.size());
        list.forEach(text -> string((String) text));
      } else if (value instanceof List<?> list
          && list.stream().allMatch(Boolean.class::isInstance)) {
        int32(Gguf.Kind.BOOL).int64(list.size());
        list.forEach(flag -> out.write((Boolean) flag ? 1 : 0));
      } else if (value instanceof int[] numbers) {
        int32(Gguf.Kind.INT32).int64(numbers.length);
        for (int number : numbers) {
          int32(number);
        }
      } else if (value instanceof long[] numbers) {
        int32(Gguf.Kind.INT64).int64(numbers.length);
        for (long number : numbers) {
          int64(number);
        }
      } else if (value instanceof float[] numbers) {
        int32(Gguf.Kind.FLOAT32).int64(numbers.length);
        for (float number : numbers) {
          int32(Float.floatToRawIntBits(number));
        }
      } else if (value instanceof double[] numbers) {
        int32(Gguf.Kind.FLOAT64).int64(numbers.length);
        for (double number : numbers) {
          int64(Double.doubleToRawLongBits(number));
        }
      } else {
        throw new IllegalArgumentException("GGUF has no type for the value of " + key);
      }
    }

    private Bytes put(ByteBuffer buffer) {
      out.write(buffer.array(), buffer.arrayOffset(), buffer.position());
      return this;
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }
  }
}
