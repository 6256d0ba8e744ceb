package io.cria.safety;

import io.cria.safety.Watermark.Scheme;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The green tokens that a {@link Watermark} has for a context, equal to those of transformers'
 * WatermarkLogitsProcessor. Not thread-safe.
 */
final class GreenLists {
  /** Numbers in the table that self-hash looks tokens up in: as the published program has it. */
  private static final int TABLE_SIZE = 1_000_003;

  /** Seeds are taken modulo this, mathematically. */
  private static final BigInteger SEEDS = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private static final int REMEMBERED = 1024;

  private final Watermark watermark;
  private final int vocabularySize;
  private final int greenCount;
  private final int[] table;

  /** By effective seed: texts repeat their contexts. */
  private final Map<Integer, BitSet> remembered =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, BitSet> eldest) {
          return size() > REMEMBERED;
        }
      };

  GreenLists(Watermark watermark, int vocabularySize) {
    if (vocabularySize < 2) {
      throw new IllegalArgumentException("a vocabulary of " + vocabularySize + " has no two sides");
    }
    this.watermark = watermark;
    this.vocabularySize = vocabularySize;
    this.greenCount = (int) (vocabularySize * watermark.share());
    this.table =
        watermark.scheme() == Scheme.SELF_HASH
            ? new MersenneTwister((int) watermark.key()).permutation(TABLE_SIZE, TABLE_SIZE)
            : new int[0];
  }

  /**
   * Whether {@code token} is green where the text before it ends with {@code context}'s tokens up
   * to {@code end}.
   */
  boolean isGreen(int[] context, int end, int token) {
    return of(seed(context, end, token)).get(token);
  }

  /**
   * The green tokens after a text, which do not depend on the candidate ({@link Scheme#LEFT_HASH}).
   *
   * @param end tokens of {@code text} that count
   */
  BitSet after(int[] text, int end) {
    return of(seed(text, end, 0));
  }

  private BitSet of(int seed) {
    return remembered.computeIfAbsent(seed, this::draw);
  }

  private BitSet draw(int seed) {
    BitSet green = new BitSet(vocabularySize);
    for (int token : order(seed)) {
      green.set(token);
    }
    return green;
  }

  /** The green tokens in the order in which they are drawn. */
  int[] order(int seed) {
    return new MersenneTwister(seed).permutation(vocabularySize, greenCount);
  }

  /** What is left of the seed of a context in the generator: 32 bits. */
  int seed(int[] context, int end, int token) {
    if (watermark.scheme() == Scheme.LEFT_HASH) {
      return effective(
          BigInteger.valueOf(watermark.key()).multiply(BigInteger.valueOf(context[end - 1])));
    }
    // products wrap around as the published program's 64-bit ones do
    long last =
        watermark.key() * (table[token % TABLE_SIZE] + 1L) * (table[token % TABLE_SIZE] + 1L);
    long least = last;
    for (int i = Math.max(0, end - watermark.contextWidth() + 1); i < end; i++) {
      long product =
          watermark.key()
              * (table[context[i] % TABLE_SIZE] + 1L)
              * (table[token % TABLE_SIZE] + 1L);
      least = Math.min(least, product);
    }
    return effective(BigInteger.valueOf(least));
  }

  /** The same of a context that ends with the candidate, where the scheme takes that in. */
  int seedOfContext(int[] tokens) {
    return watermark.scheme() == Scheme.LEFT_HASH
        ? seed(tokens, tokens.length, 0)
        : seed(tokens, tokens.length - 1, tokens[tokens.length - 1]);
  }

  private static int effective(BigInteger seed) {
    return seed.mod(SEEDS).intValue();
  }
}
