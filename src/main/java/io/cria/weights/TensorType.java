package io.cria.weights;

import java.util.Optional;

/**
 * How the values of a tensor lie in a file. Plain types store one value in {@link #blockBytes}
 * bytes; quantised types of GGUF store {@link #blockElements} values together. Names and ids are
 * those of the safetensors and GGUF formats.
 */
public enum TensorType {
  // The plain types stand in the order that safetensors writers give them: a file's tensors lie by
  // falling rank here.
  BOOL(1, 1, true, -1),
  U8(1, 1, true, -1),
  I8(1, 1, true, 24),
  I16(1, 2, true, 25),
  U16(1, 2, true, -1),
  F16(1, 2, true, 1),
  BF16(1, 2, true, 30),
  I32(1, 4, true, 26),
  U32(1, 4, true, -1),
  F32(1, 4, true, 0),
  F64(1, 8, true, 28),
  I64(1, 8, true, 27),
  U64(1, 8, true, -1),
  Q4_0(32, 18, false, 2),
  Q4_1(32, 20, false, 3),
  Q5_0(32, 22, false, 6),
  Q5_1(32, 24, false, 7),
  Q8_0(32, 34, false, 8),
  Q2_K(256, 84, false, 10),
  Q3_K(256, 110, false, 11),
  Q4_K(256, 144, false, 12),
  Q5_K(256, 176, false, 13),
  Q6_K(256, 210, false, 14);

  private final int blockElements;
  private final int blockBytes;
  private final boolean inSafetensors;
  private final int ggmlId;

  TensorType(int blockElements, int blockBytes, boolean inSafetensors, int ggmlId) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.inSafetensors = inSafetensors;
    this.ggmlId = ggmlId;
  }

  /** Values that are stored together; 1 for plain types. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of one block. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Whether one value stands by itself, not in a quantised block. */
  public boolean isPlain() {
    return blockElements == 1;
  }

  /** Whether the values are fractions: what {@link StoredTensor#floats()} can give. */
  public boolean isFloating() {
    return !isPlain() || this == F16 || this == BF16 || this == F32 || this == F64;
  }

  /** Bytes of {@code elements} values, a multiple of {@link #blockElements}. */
  public long bytesOf(long elements) {
    if (elements % blockElements != 0) {
      throw new IllegalArgumentException(elements + " values are no whole blocks of " + this);
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  static Optional<TensorType> ofSafetensors(String name) {
    for (TensorType type : values()) {
      if (type.inSafetensors && type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  static Optional<TensorType> ofGgml(int id) {
    for (TensorType type : values()) {
      if (type.ggmlId == id && id >= 0) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  boolean isInSafetensors() {
    return inSafetensors;
  }

  /** The id in a GGUF file; negative where GGUF has no such type. */
  int ggmlId() {
    return ggmlId;
  }
}
