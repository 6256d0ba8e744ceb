package io.cria.weights;

import io.cria.task.CriaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * One tensor of a weights file: its description and a view of its bytes, which stay in the file
 * until they are read. Values lie in row-major order, the last dimension of {@link #shape} fastest.
 * Safe to share between threads.
 */
public final class StoredTensor {
  private final String name;
  private final TensorType type;
  private final long[] shape;
  private final long elements;
  private final List<ByteBuffer> chunks;

  StoredTensor(String name, TensorType type, long[] shape, List<ByteBuffer> chunks) {
    this.name = name;
    this.type = type;
    this.shape = shape.clone();
    this.elements = elementsOf(shape);
    this.chunks = List.copyOf(chunks);
  }

  public String name() {
    return name;
  }

  public TensorType type() {
    return type;
  }

  /** Sizes of the dimensions, slowest first; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** Number of values. */
  public long elements() {
    return elements;
  }

  /** Number of bytes in the file. */
  public long byteLength() {
    return type.bytesOf(elements);
  }

  /**
   * The bytes as direct, read-only, little-endian buffers in order; each holds whole values or
   * blocks. One buffer unless the tensor is so large that a mapping ends inside it. The buffers are
   * the caller's to move.
   */
  public List<ByteBuffer> chunks() {
    return chunks.stream().map(chunk -> chunk.duplicate().order(ByteOrder.LITTLE_ENDIAN)).toList();
  }

  /**
   * All values as float32, quantised blocks dequantised.
   *
   * @throws IllegalStateException when the values are integers, or more than an array holds
   */
  public float[] floats() {
    float[] values = new float[arrayLength()];
    floats(0, values, 0, values.length);
    return values;
  }

  /**
   * {@code count} values from value {@code start} on as float32; for quantised types both are
   * multiples of the block.
   *
   * @throws IllegalStateException when the values are integers
   */
  public void floats(long start, float[] into, int offset, int count) {
    if (!type.isFloating()) {
      throw new IllegalStateException("tensor " + name + " holds " + type + ", not fractions");
    }
    if (start < 0 || count < 0 || start > elements - count) {
      throw new IndexOutOfBoundsException(
          start + " + " + count + " of " + elements + " values of " + name);
    }
    long byteAt = type.bytesOf(start);
    long bytesLeft = type.bytesOf(count);
    int to = offset;
    for (ByteBuffer chunk : chunks()) {
      if (bytesLeft == 0) {
        return;
      }
      if (byteAt >= chunk.capacity()) {
        byteAt -= chunk.capacity();
        continue;
      }
      int take = (int) Math.min(bytesLeft, chunk.capacity() - byteAt);
      ByteBuffer part = chunk.slice((int) byteAt, take).order(ByteOrder.LITTLE_ENDIAN);
      int values = take / type.blockBytes() * type.blockElements();
      Blocks.decode(type, part, into, to, values);
      to += values;
      bytesLeft -= take;
      byteAt = 0;
    }
  }

  /**
   * All values of an integer type (BOOL as 0 and 1, U8 to U32 unsigned).
   *
   * @throws IllegalStateException when the values are fractions, or more than an array holds
   */
  public long[] longs() {
    long[] values = new long[arrayLength()];
    int at = 0;
    for (ByteBuffer chunk : chunks()) {
      while (chunk.hasRemaining()) {
        values[at++] =
            switch (type) {
              case I64, U64 -> chunk.getLong();
              case I32 -> chunk.getInt();
              case U32 -> chunk.getInt() & 0xFFFFFFFFL;
              case I16 -> chunk.getShort();
              case U16 -> chunk.getShort() & 0xFFFF;
              case I8 -> chunk.get();
              case U8, BOOL -> chunk.get() & 0xFF;
              default ->
                  throw new IllegalStateException(
                      "tensor " + name + " holds " + type + ", not integers");
            };
      }
    }
    return values;
  }

  /**
   * Asks for values that {@link #floats} can give.
   *
   * @param where how the error names the file
   * @throws CriaException (bad input) when they are integers
   */
  public void requireFloating(String where) {
    if (!type.isFloating()) {
      throw CriaException.badInput(
          "tensor "
              + name
              + " in "
              + where
              + " holds integers ("
              + type
              + "), not weights that can be computed with: give the model in float32, bfloat16 or"
              + " float16, or as GGUF");
    }
  }

  private int arrayLength() {
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "tensor " + name + " has " + elements + " values: read it in parts");
    }
    return (int) elements;
  }

  /** Product of the dimensions; fails with ArithmeticException past 2^63. */
  static long elementsOf(long[] shape) {
    long product = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new ArithmeticException("a dimension of " + dimension);
      }
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }

  @Override
  public String toString() {
    return name + " " + type + Arrays.toString(shape);
  }
}
