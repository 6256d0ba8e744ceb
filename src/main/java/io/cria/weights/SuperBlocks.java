package io.cria.weights;

/**
 * Dequantising the 256-value blocks of GGUF, whose scales are quantised themselves. Layouts and
 * order of operations are ggml's (ggml-quants.c, block_q2_K to block_q6_K), so that every value is
 * equal to the bit.
 */
final class SuperBlocks {
  private SuperBlocks() {}

  /** Writes 256 values of one block to {@code into} from {@code at} on. */
  static void decode(TensorType type, byte[] block, float[] into, int at) {
    switch (type) {
      case Q2_K -> q2(block, into, at);
      case Q3_K -> q3(block, into, at);
      case Q4_K -> q45(block, into, at, false);
      case Q5_K -> q45(block, into, at, true);
      case Q6_K -> q6(block, into, at);
      default -> throw new IllegalArgumentException(type + " has no blocks of 256");
    }
  }

  /** scales[16] (4 bits scale, 4 bits minimum), quants[64] (2 bits), scale, scale of the minima. */
  private static void q2(byte[] b, float[] into, int at) {
    float scale = half(b, 80);
    float minimumScale = half(b, 82);
    for (int group = 0; group < 16; group++) {
      int packed = b[group] & 0xFF;
      float d = scale * (packed & 0xF);
      float m = minimumScale * (packed >>> 4);
      int quants = 16 + 32 * (group / 8) + 16 * (group % 2);
      int shift = 2 * (group % 8 / 2);
      for (int l = 0; l < 16; l++) {
        into[at + 16 * group + l] = d * ((b[quants + l] >>> shift) & 3) - m;
      }
    }
  }

  /** high bits[32], quants[64] (2 bits), scales[12] (sixteen of 6 bits), scale. */
  private static void q3(byte[] b, float[] into, int at) {
    float scale = half(b, 108);
    for (int group = 0; group < 16; group++) {
      int low = group < 8 ? b[96 + group] & 0xF : (b[96 + group - 8] >>> 4) & 0xF;
      int high = (b[104 + group % 4] >>> (2 * (group / 4))) & 3;
      float d = scale * ((low | high << 4) - 32);
      int column = 16 * (group % 2);
      int quants = 32 + 32 * (group / 8) + column;
      int shift = 2 * (group % 8 / 2);
      for (int l = 0; l < 16; l++) {
        int below = ((b[column + l] >>> (group / 2)) & 1) == 0 ? 4 : 0;
        into[at + 16 * group + l] = d * (((b[quants + l] >>> shift) & 3) - below);
      }
    }
  }

  /**
   * scale, scale of the minima, scales[12] (eight pairs of 6 bits), for Q5_K high bits[32],
   * quants[128] (4 bits).
   */
  private static void q45(byte[] b, float[] into, int at, boolean fifthBit) {
    float scale = half(b, 0);
    float minimumScale = half(b, 2);
    int start = fifthBit ? 48 : 16;
    for (int group = 0; group < 8; group++) {
      float d = scale * pairScale(b, group);
      float m = minimumScale * pairMinimum(b, group);
      int quants = start + 32 * (group / 2);
      for (int l = 0; l < 32; l++) {
        int quant = (b[quants + l] >>> (4 * (group % 2))) & 0xF;
        if (fifthBit) {
          quant += ((b[16 + l] >>> group) & 1) << 4;
        }
        into[at + 32 * group + l] = d * quant - m;
      }
    }
  }

  private static int pairScale(byte[] b, int group) {
    return group < 4 ? b[4 + group] & 63 : (b[8 + group] & 0xF) | ((b[group] >>> 6) & 3) << 4;
  }

  private static int pairMinimum(byte[] b, int group) {
    return group < 4
        ? b[8 + group] & 63
        : ((b[8 + group] >>> 4) & 0xF) | ((b[4 + group] >>> 6) & 3) << 4;
  }

  /** low bits[128] (4 bits), high bits[64] (2 bits), scales[16] (signed bytes), scale. */
  private static void q6(byte[] b, float[] into, int at) {
    float scale = half(b, 208);
    for (int group = 0; group < 16; group++) {
      float d = scale * b[192 + group];
      int quarter = group % 8 / 2;
      int column = 16 * (group % 2);
      int low = 64 * (group / 8) + 32 * (quarter % 2) + column;
      int high = 128 + 32 * (group / 8) + column;
      for (int l = 0; l < 16; l++) {
        int quant =
            ((b[low + l] >>> (4 * (quarter / 2))) & 0xF)
                | ((b[high + l] >>> (2 * quarter)) & 3) << 4;
        into[at + 16 * group + l] = d * (quant - 32);
      }
    }
  }

  private static float half(byte[] block, int at) {
    return Half.fromF16((short) ((block[at] & 0xFF) | block[at + 1] << 8));
  }
}
