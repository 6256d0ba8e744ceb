package io.cria.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The random source of every sample that decides something. Version {@value #VERSION}; the sequence
 * for a given seed never changes within a version, on any platform.
 *
 * <p>SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): state += 0x9E3779B97F4A7C15, then two
 * xor-multiply rounds. A stream is named by (seed, stage, round, row): the state starts at the seed
 * and absorbs the UTF-16 units of the stage's name and the two integers, one mixing step each.
 * Bounded draws reject, so they are exactly uniform. Not thread-safe.
 */
public final class SeededRandom {
  public static final String VERSION = "splitmix64-1";

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  public SeededRandom(long seed) {
    this.state = seed;
  }

  /** The stream for one row of one round of one stage. */
  public static SeededRandom of(long seed, String stage, int round, int row) {
    SeededRandom random = new SeededRandom(seed);
    for (int i = 0; i < stage.length(); i++) {
      random.absorb(stage.charAt(i));
    }
    random.absorb(stage.length());
    random.absorb(round);
    random.absorb(row);
    return random;
  }

  private void absorb(long value) {
    state = mix((state ^ value) + GOLDEN);
  }

  /** The next 64 bits. */
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** Uniform in [0, bound). */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, not " + bound);
    }
    long limit = Long.divideUnsigned(-1L, bound) * bound;
    long draw = nextLong();
    while (Long.compareUnsigned(draw, limit) >= 0) {
      draw = nextLong();
    }
    return (int) Long.remainderUnsigned(draw, bound);
  }

  /** Uniform in [0, 1), 53 bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** A new list with the same elements in random order (Fisher-Yates from the end). */
  public <T> List<T> shuffled(List<T> items) {
    List<T> copy = new ArrayList<>(items);
    for (int i = copy.size() - 1; i > 0; i--) {
      Collections.swap(copy, i, nextInt(i + 1));
    }
    return copy;
  }

  /**
   * {@code count} different numbers of [0, size) in random order (Floyd, then shuffled); all of
   * them when {@code count >= size}. Costs O(count), not O(size).
   */
  public int[] sample(int size, int count) {
    int wanted = Math.min(size, count);
    List<Integer> chosen = new ArrayList<>(wanted);
    java.util.Set<Integer> seen = new java.util.HashSet<>();
    for (int j = size - wanted; j < size; j++) {
      int draw = nextInt(j + 1);
      int pick = seen.add(draw) ? draw : j;
      if (pick == j) {
        seen.add(j);
      }
      chosen.add(pick);
    }
    return shuffled(chosen).stream().mapToInt(Integer::intValue).toArray();
  }

  /** As {@link #sample}, in ascending order: a sample that keeps the order of appearance. */
  public int[] sampleInOrder(int size, int count) {
    int[] picked = sample(size, count);
    Arrays.sort(picked);
    return picked;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
