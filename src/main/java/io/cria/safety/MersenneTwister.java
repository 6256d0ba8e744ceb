package io.cria.safety;

/**
 * MT19937 (Matsumoto and Nishimura, 1998) as libtorch's generator on the CPU seeds and reads it:
 * the low 32 bits of a seed count. Not thread-safe.
 */
final class MersenneTwister {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;
  private static final int MATRIX = 0x9908b0df;
  private static final int UPPER = 0x80000000;
  private static final int LOWER = 0x7fffffff;

  private final int[] state = new int[SIZE];
  private int next = SIZE;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < SIZE; i++) {
      int before = state[i - 1];
      state[i] = 1812433253 * (before ^ (before >>> 30)) + i;
    }
  }

  /** The next 32 bits, in [0, 2^32). */
  long next() {
    if (next == SIZE) {
      twist();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return Integer.toUnsignedLong(y);
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int y = (state[i] & UPPER) | (state[(i + 1) % SIZE] & LOWER);
      state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX);
    }
    next = 0;
  }

  /**
   * The first {@code count} entries of a random order of 0 … n - 1, as torch.randperm gives them.
   */
  int[] permutation(int n, int count) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    // The last draw has one outcome only, and torch does not make it.
    int draws = Math.min(count, n - 1);
    for (int i = 0; i < draws; i++) {
      int other = i + (int) (next() % (n - i));
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return count == n ? order : java.util.Arrays.copyOf(order, count);
  }
}
