package io.cria.sft.natives;

import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Values between Java, weight files and tensors. Native memory belongs to the innermost
 * PointerScope; {@link #keep} lets a tensor outlive it, {@link #release} ends that.
 */
public final class Tensors {
  /**
   * A JNI copy into a Java array is limited to what an array holds; parts of this many bytes stay
   * far below it.
   */
  private static final long PART_BYTES = 1L << 28;

  private static final int CONVERTED_VALUES = 1 << 20;

  private Tensors() {}

  /** A float32 tensor with a copy of the values. */
  public static Tensor floats(float[] values, long... shape) {
    try (FloatPointer pointer = new FloatPointer(values)) {
      return torch.from_blob(pointer, shape, new TensorOptions(ScalarType.Float)).clone();
    }
  }

  /** An int64 tensor with a copy of the values. */
  public static Tensor longs(long[] values, long... shape) {
    try (LongPointer pointer = new LongPointer(values)) {
      return torch.from_blob(pointer, shape, new TensorOptions(ScalarType.Long)).clone();
    }
  }

  /** A float32 tensor with the stored values, dequantised or widened where needed. */
  public static Tensor of(StoredTensor stored) {
    Tensor tensor =
        torch.empty(
            stored.shape(), new TensorOptions(ScalarType.Float), new MemoryFormatOptional());
    if (stored.elements() == 0) {
      return tensor;
    }
    FloatPointer target = tensor.data_ptr_float().capacity(stored.elements());
    if (stored.type() == TensorType.F32) {
      BytePointer bytes = new BytePointer(tensor.data_ptr()).capacity(stored.byteLength());
      long at = 0;
      for (ByteBuffer chunk : stored.chunks()) {
        int length = chunk.remaining();
        view(bytes, at, length).put(chunk);
        at += length;
      }
      return tensor;
    }
    int part = (int) Math.min(stored.elements(), PART_BYTES / Float.BYTES);
    float[] values = new float[part];
    for (long start = 0; start < stored.elements(); start += part) {
      int count = (int) Math.min(part, stored.elements() - start);
      stored.floats(start, values, 0, count);
      target.position(start).put(values, 0, count);
    }
    return tensor;
  }

  /** The tensor's values as a float array, row-major. */
  public static float[] toFloats(Tensor tensor) {
    return Scoped.call(
        () -> {
          Tensor plain = tensor.detach().cpu().to(ScalarType.Float).contiguous();
          float[] values = new float[Math.toIntExact(plain.numel())];
          if (values.length > 0) {
            plain.data_ptr_float().get(values);
          }
          return values;
        });
  }

  /**
   * The values of float64 scalars that are all on one device, read at once: a GPU is waited for
   * once.
   */
  public static double[] toDoubles(List<Tensor> scalars) {
    return scalars.isEmpty()
        ? new double[0]
        : Scoped.call(
            () -> toDoubles(torch.stack(new TensorVector(scalars.toArray(Tensor[]::new)))));
  }

  /** The values of a float64 tensor, row-major. */
  public static double[] toDoubles(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.numel())];
    if (values.length > 0) {
      Scoped.run(() -> tensor.detach().cpu().contiguous().data_ptr_double().get(values));
    }
    return values;
  }

  /** The tensor's values as a long array, row-major. */
  public static long[] toLongs(Tensor tensor) {
    return Scoped.call(
        () -> {
          Tensor plain = tensor.detach().cpu().to(ScalarType.Long).contiguous();
          long[] values = new long[Math.toIntExact(plain.numel())];
          if (values.length > 0) {
            plain.data_ptr_long().get(values);
          }
          return values;
        });
  }

  /**
   * The tensor to be written to a file as {@code type} (F32, BF16 or F16). Its bytes are read when
   * their turn comes, so it must live until then.
   */
  public static TensorContent content(String name, Tensor tensor, TensorType type) {
    return new TensorContent(name, type, tensor.shape(), () -> bytes(tensor, type));
  }

  /** The bytes of an unsigned 8-bit tensor, such as a generator's state. */
  public static byte[] toBytes(Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.numel())];
    new BytePointer(tensor.data_ptr()).get(bytes);
    return bytes;
  }

  /** An unsigned 8-bit tensor with a copy of the bytes. */
  public static Tensor bytes(byte[] bytes) {
    try (BytePointer pointer = new BytePointer(bytes)) {
      return torch
          .from_blob(pointer, new long[] {bytes.length}, new TensorOptions(ScalarType.Byte))
          .clone();
    }
  }

  private static List<ByteBuffer> bytes(Tensor tensor, TensorType type) {
    ScalarType target =
        switch (type) {
          case F32 -> ScalarType.Float;
          case BF16 -> ScalarType.BFloat16;
          case F16 -> ScalarType.Half;
          default ->
              throw new IllegalArgumentException(
                  "tensors are written as F32, BF16 or F16, not " + type);
        };
    if (tensor.scalar_type() == target && tensor.is_contiguous() && !Device.of(tensor).isCuda()) {
      return views(tensor);
    }
    return converted(tensor, target);
  }

  /** The tensor's own memory. */
  private static List<ByteBuffer> views(Tensor tensor) {
    long length = tensor.nbytes();
    BytePointer all = new BytePointer(tensor.data_ptr()).capacity(length);
    List<ByteBuffer> parts = new ArrayList<>();
    for (long at = 0; at < length; at += PART_BYTES) {
      parts.add(view(all, at, (int) Math.min(PART_BYTES, length - at)));
    }
    return parts;
  }

  /**
   * Parts that are converted when their turn comes, each into an array of its own: direct buffers
   * would stay until the collector comes, which a small heap hardly calls.
   */
  private static List<ByteBuffer> converted(Tensor tensor, ScalarType target) {
    long all = tensor.numel();
    int step = CONVERTED_VALUES;
    return new AbstractList<>() {
      @Override
      public ByteBuffer get(int index) {
        return Scoped.call(
            () -> {
              long from = (long) index * step;
              long count = Math.min(step, all - from);
              Tensor part =
                  tensor.detach().reshape(-1).narrow(0, from, count).to(target).cpu().contiguous();
              byte[] bytes = new byte[Math.toIntExact(part.nbytes())];
              new BytePointer(part.data_ptr()).get(bytes);
              return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            });
      }

      @Override
      public int size() {
        return Math.toIntExact((all + step - 1) / step);
      }
    };
  }

  private static ByteBuffer view(BytePointer pointer, long at, int length) {
    return new BytePointer(pointer)
        .position(at)
        .capacity(at + length)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Lets the tensor outlive the scopes it was made in; returns it. */
  public static Tensor keep(Tensor tensor) {
    tensor.retainReference();
    return tensor;
  }

  /** Ends {@link #keep}: the memory goes when nothing else holds it. */
  public static void release(Tensor tensor) {
    tensor.releaseReference();
  }

  /** A direct view of a float32 tensor's memory; valid while the tensor lives. */
  public static FloatBuffer view(Tensor tensor) {
    return tensor.data_ptr_float().capacity(tensor.numel()).asBuffer();
  }
}
