package io.cria.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;

/**
 * One tensor to be written. The bytes are asked for once, when their turn comes, so that a large
 * model need not lie in memory twice.
 *
 * @param name its name in the file
 * @param type how the bytes are to be read
 * @param shape sizes of the dimensions, slowest first
 * @param bytes little-endian values in order, from each buffer's position to its limit
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out; never compared
public record TensorContent(
    String name, TensorType type, long[] shape, Supplier<List<ByteBuffer>> bytes) {
  public TensorContent {
    shape = shape.clone();
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a tensor needs a name");
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Float32 values. */
  public static TensorContent floats(String name, long[] shape, float[] values) {
    requireCount(name, shape, values.length);
    return new TensorContent(
        name, TensorType.F32, shape, () -> List.of(Blocks.encode(TensorType.F32, values)));
  }

  /**
   * Float32 values, stored as {@code type}: F32, F16, BF16 (round to nearest even) or a quantised
   * type that can be written.
   */
  public static TensorContent floats(String name, TensorType type, long[] shape, float[] values) {
    requireCount(name, shape, values.length);
    return new TensorContent(name, type, shape, () -> List.of(Blocks.encode(type, values)));
  }

  /** 64-bit integers. */
  public static TensorContent longs(String name, long[] shape, long[] values) {
    requireCount(name, shape, values.length);
    return new TensorContent(
        name,
        TensorType.I64,
        shape,
        () -> {
          ByteBuffer buffer =
              ByteBuffer.allocate(Math.multiplyExact(values.length, 8))
                  .order(ByteOrder.LITTLE_ENDIAN);
          buffer.asLongBuffer().put(values);
          return List.of(buffer);
        });
  }

  /** Raw little-endian bytes. */
  public static TensorContent of(String name, TensorType type, long[] shape, ByteBuffer bytes) {
    return new TensorContent(name, type, shape, () -> List.of(bytes));
  }

  /** The same tensor as in another file, bit for bit. */
  public static TensorContent of(StoredTensor tensor) {
    return new TensorContent(tensor.name(), tensor.type(), tensor.shape(), tensor::chunks);
  }

  /** Bytes it will take. */
  public long byteLength() {
    return type.bytesOf(StoredTensor.elementsOf(shape));
  }

  private static void requireCount(String name, long[] shape, int values) {
    if (StoredTensor.elementsOf(shape) != values) {
      throw new IllegalArgumentException(values + " values do not fill the shape of " + name);
    }
  }
}
