package io.cria.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values of every type to float32, and float32 to the types that are written. */
final class Blocks {
  private Blocks() {}

  /** Reads {@code count} values from {@code from}, which is little endian and stands at a block's start. */
  static void decode(TensorType type, ByteBuffer from, float[] into, int offset, int count) {
    switch (type) {
      case F32 -> from.asFloatBuffer().get(into, offset, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = (float) from.getDouble();
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Half.fromF16(from.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Half.fromBf16(from.getShort());
        }
      }
      default -> throw new IllegalArgumentException(type + " holds no fractions");
    }
  }

  /** The values as {@code type}, little endian, ready to be read from. */
  static ByteBuffer encode(TensorType type, float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.toIntExact(type.bytesOf(values.length))).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> buffer.asFloatBuffer().put(values);
      case F16 -> {
        for (float value : values) {
          buffer.putShort(Half.toF16(value));
        }
      }
      case BF16 -> {
        for (float value : values) {
          buffer.putShort(Half.toBf16(value));
        }
      }
      default -> throw new IllegalArgumentException("values cannot be written as " + type);
    }
    return buffer.rewind();
  }
}
