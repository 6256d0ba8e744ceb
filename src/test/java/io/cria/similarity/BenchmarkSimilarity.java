package io.cria.similarity;

import io.cria.similarity.bench.GeneratedTexts;
import io.cria.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The kernels of the engine on generated texts; each call works on the next text or pair of a fixed
 * sequence.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class BenchmarkSimilarity {
  private static final int TEXTS = 1 << 14;
  private static final int MASK = TEXTS - 1;

  /** Tokens of a text for the LCS kernels; 64 are a machine word. */
  @Param({"16", "64", "256"})
  int length;

  private final Tokenizer rouge = Tokenizer.named("rouge-en");
  private final Tokenizer unicode = Tokenizer.named("unicode-1");
  private final BitParallelLcs kernel = new BitParallelLcs();
  private final RequiredLcs required = new RequiredLcs(0.7);
  private final PrefixKeys prefixKeys = new PrefixKeys(required);
  private final MinHash minHash = MinHash.unigrams(140);
  private final LshBands bands = new LshBands(35, 4);
  private final TokenOrder order = new TokenOrder(EngineOptions.HOT_FREQUENCY, required);
  private final PoolIndex index = new PoolIndex(EngineOptions.published());
  private final int[][] tokens = new int[TEXTS][];
  private final int[][] cut = new int[TEXTS][];
  private List<String> texts = List.of();
  private int vocabulary;
  private int next;

  @Setup
  public void setUp() {
    texts = List.copyOf(new GeneratedTexts(3, TEXTS));
    TokenDictionary dictionary = new TokenDictionary();
    Encoder encoder = new Encoder(rouge, dictionary, true);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < TEXTS; i++) {
      encoder.encode(texts.get(i));
      tokens[i] = Arrays.copyOf(encoder.tokens(), encoder.length());
      order.count(tokens[i], 0, tokens[i].length);
      all.append(texts.get(i)).append(' ');
    }
    vocabulary = dictionary.size();
    order.freeze(vocabulary);
    encoder.encode(all.toString());
    for (int i = 0; i < TEXTS; i++) {
      int from = i * 7;
      cut[i] = Arrays.copyOfRange(encoder.tokens(), from, from + length);
    }
    kernel.prepare(cut[0], 0, length, vocabulary);
    index.append(texts.subList(0, TEXTS / 2));
  }

  @Benchmark
  public int bitParallelLcs() {
    int[] other = cut[++next & MASK];
    return kernel.lengthOrLess(other, 0, length, 0);
  }

  @Benchmark
  public int bitParallelLcsThatMayGiveUp() {
    int[] other = cut[++next & MASK];
    return kernel.lengthOrLess(other, 0, length, required.of(length, length));
  }

  @Benchmark
  public void prepareText() {
    kernel.prepare(cut[++next & MASK], 0, length, vocabulary);
  }

  @Benchmark
  public int requiredLcs() {
    return required.of(length, ++next & 0xFF);
  }

  @Benchmark
  public int prefixKeys() {
    int[] text = tokens[++next & MASK];
    prefixKeys.compute(text, 0, text.length, order);
    return prefixKeys.keys().count();
  }

  @Benchmark
  public long[] minHashBands() {
    return bands.keys(minHash.signature(rouge.tokens(texts.get(++next & MASK))));
  }

  @Benchmark
  public List<String> rougeTokens() {
    return rouge.tokens(texts.get(++next & MASK));
  }

  @Benchmark
  public List<String> unicodeTokens() {
    return unicode.tokens(texts.get(++next & MASK));
  }

  @Benchmark
  public double rougeLOfAPair() {
    next++;
    return RougeL.f(texts.get(next & MASK), texts.get((next * 31) & MASK), rouge);
  }

  @Benchmark
  public Selection probeOneText() {
    return index.probe(List.of(texts.get(++next & MASK)));
  }
}
