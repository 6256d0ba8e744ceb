package io.cria.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values of every type to float32, and float32 to the types that are written. The 32-value blocks
 * follow ggml's definition and its reference quantisers bit for bit (ggml-quants.c, block_q4_0 to
 * block_q8_0).
 */
final class Blocks {
  private static final int BLOCK = 32;

  private Blocks() {}

  /**
   * Reads {@code count} values from {@code from}, which is little endian and stands at a block's
   * start.
   */
  static void decode(TensorType type, ByteBuffer from, float[] into, int offset, int count) {
    int end = offset + count;
    switch (type) {
      case F32 -> from.asFloatBuffer().get(into, offset, count);
      case F64 -> {
        for (int i = offset; i < end; i++) {
          into[i] = (float) from.getDouble();
        }
      }
      case F16 -> {
        for (int i = offset; i < end; i++) {
          into[i] = Half.fromF16(from.getShort());
        }
      }
      case BF16 -> {
        for (int i = offset; i < end; i++) {
          into[i] = Half.fromBf16(from.getShort());
        }
      }
      case Q8_0 -> {
        for (int i = offset; i < end; i += BLOCK) {
          float scale = Half.fromF16(from.getShort());
          for (int j = 0; j < BLOCK; j++) {
            into[i + j] = from.get() * scale;
          }
        }
      }
      case Q4_0, Q4_1, Q5_0, Q5_1 -> {
        for (int i = offset; i < end; i += BLOCK) {
          decodeNibbles(type, from, into, i);
        }
      }
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> {
        byte[] block = new byte[type.blockBytes()];
        for (int i = offset; i < end; i += type.blockElements()) {
          from.get(block);
          SuperBlocks.decode(type, block, into, i);
        }
      }
      default -> throw new IllegalArgumentException(type + " holds no fractions");
    }
  }

  /**
   * One block of 4-bit values (a fifth bit apart in Q5): value j in the low half of byte j, value j
   * + 16 in the high.
   */
  private static void decodeNibbles(TensorType type, ByteBuffer from, float[] into, int at) {
    boolean offsetStored = type == TensorType.Q4_1 || type == TensorType.Q5_1;
    boolean fifthBit = type == TensorType.Q5_0 || type == TensorType.Q5_1;
    float scale = Half.fromF16(from.getShort());
    float least = offsetStored ? Half.fromF16(from.getShort()) : 0;
    int high = fifthBit ? from.getInt() : 0;
    int middle = offsetStored ? 0 : fifthBit ? 16 : 8;
    for (int j = 0; j < BLOCK / 2; j++) {
      int pair = from.get();
      int low = (pair & 0xF) | ((high >>> j) & 1) << 4;
      int up = ((pair >>> 4) & 0xF) | ((high >>> (j + 16)) & 1) << 4;
      into[at + j] = offsetStored ? low * scale + least : (low - middle) * scale;
      into[at + j + 16] = offsetStored ? up * scale + least : (up - middle) * scale;
    }
  }

  /**
   * The values as {@code type}, little endian, ready to be read from.
   *
   * @throws IllegalArgumentException for a type that is only read
   */
  static ByteBuffer encode(TensorType type, float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.toIntExact(type.bytesOf(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
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
      case Q8_0 -> {
        for (int i = 0; i < values.length; i += BLOCK) {
          encodeBytes(values, i, buffer);
        }
      }
      case Q4_0, Q5_0 -> {
        for (int i = 0; i < values.length; i += BLOCK) {
          encodeSymmetric(type, values, i, buffer);
        }
      }
      case Q4_1, Q5_1 -> {
        for (int i = 0; i < values.length; i += BLOCK) {
          encodeRange(type, values, i, buffer);
        }
      }
      default -> throw new IllegalArgumentException("values cannot be written as " + type);
    }
    return buffer.rewind();
  }

  private static void encodeBytes(float[] values, int at, ByteBuffer into) {
    float largest = 0;
    for (int j = 0; j < BLOCK; j++) {
      largest = Math.max(largest, Math.abs(values[at + j]));
    }
    float scale = largest / 127;
    float inverse = scale == 0 ? 0 : 1 / scale;
    into.putShort(Half.toF16(scale));
    for (int j = 0; j < BLOCK; j++) {
      into.put((byte) roundHalfAway(values[at + j] * inverse));
    }
  }

  private static void encodeSymmetric(TensorType type, float[] values, int at, ByteBuffer into) {
    int half = type == TensorType.Q5_0 ? 16 : 8;
    float extreme = 0;
    for (int j = 0; j < BLOCK; j++) {
      if (Math.abs(values[at + j]) > Math.abs(extreme)) {
        extreme = values[at + j];
      }
    }
    float scale = extreme / -half;
    float inverse = scale == 0 ? 0 : 1 / scale;
    into.putShort(Half.toF16(scale));
    int[] quants = new int[BLOCK];
    for (int j = 0; j < BLOCK; j++) {
      quants[j] = clamp((int) (values[at + j] * inverse + (half + 0.5f)), 2 * half - 1);
    }
    putNibbles(type, quants, into);
  }

  private static void encodeRange(TensorType type, float[] values, int at, ByteBuffer into) {
    int top = type == TensorType.Q5_1 ? 31 : 15;
    float least = values[at];
    float most = values[at];
    for (int j = 1; j < BLOCK; j++) {
      least = Math.min(least, values[at + j]);
      most = Math.max(most, values[at + j]);
    }
    float scale = (most - least) / top;
    float inverse = scale == 0 ? 0 : 1 / scale;
    into.putShort(Half.toF16(scale)).putShort(Half.toF16(least));
    int[] quants = new int[BLOCK];
    for (int j = 0; j < BLOCK; j++) {
      quants[j] = clamp((int) ((values[at + j] - least) * inverse + 0.5f), top);
    }
    putNibbles(type, quants, into);
  }

  private static void putNibbles(TensorType type, int[] quants, ByteBuffer into) {
    if (type == TensorType.Q5_0 || type == TensorType.Q5_1) {
      int high = 0;
      for (int j = 0; j < BLOCK; j++) {
        high |= (quants[j] >>> 4) << j;
      }
      into.putInt(high);
    }
    for (int j = 0; j < BLOCK / 2; j++) {
      into.put((byte) ((quants[j] & 0xF) | (quants[j + 16] & 0xF) << 4));
    }
  }

  private static int clamp(int value, int top) {
    return Math.max(0, Math.min(top, value));
  }

  /** C's roundf: halves away from zero. */
  private static int roundHalfAway(float value) {
    float magnitude = Math.abs(value);
    float floor = (float) Math.floor(magnitude);
    int rounded = (int) floor + (magnitude - floor >= 0.5f ? 1 : 0);
    return value < 0 ? -rounded : rounded;
  }
}
