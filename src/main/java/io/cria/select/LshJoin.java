package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.KnownPairs;
import io.cria.similarity.LshBands;
import io.cria.similarity.RougeL;
import io.cria.text.Tokenizer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction2;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * A distributed join of a batch with the pool and with itself on the band keys of their MinHash
 * signatures, each candidate pair then decided by its exact ROUGE-L F. Of the pool it finds the
 * pairs that {@link LshBands} makes candidates: those above the threshold with at least the wanted
 * recall, and nothing that is not similar.
 *
 * <p>A batch goes through two shuffles: its keys to the pool's keys ({@link LshPool}), the
 * candidates to the pool's texts. The cost follows the batch.
 *
 * <p>Of a batch's texts that share a key each is compared with the first few only. So n texts of
 * one template make O(n) pairs, not n²/2, and the first ones are those that are likely to be kept;
 * what is left out is found by whoever resolves the batch. The same bound holds for the pool's
 * texts where a lossless index follows ({@link #bounded}); where none does, the batch is searched
 * in pieces, so that memory is bounded while time is not ({@link #complete}).
 */
final class LshJoin implements PoolProbe {
  /** Texts under one key that a text is compared with, of a batch and of the pool if bounded. */
  static final int FIRST_OF_KEY = 32;

  /** Texts that are searched at once when the candidates of each are not bounded. */
  private static final int PIECE = 1_024;

  private final JavaSparkContext spark;
  private final String tokenizer;
  private final double threshold;
  private final LshPool pool;
  private final int ofPool;
  private final int piece;

  private LshJoin(JavaSparkContext spark, EngineOptions options, int ofPool, int piece) {
    this.spark = spark;
    this.ofPool = ofPool;
    this.piece = piece;
    this.tokenizer = options.tokenizer().name();
    this.threshold = options.threshold();
    this.pool = new LshPool(spark, options);
  }

  /** Compares with all candidates in the pool: its recall is that of its bands. */
  static LshJoin complete(JavaSparkContext spark, EngineOptions options) {
    return new LshJoin(spark, options, Integer.MAX_VALUE, PIECE);
  }

  /** In front of an index that misses nothing: compares with a few texts of each key only. */
  static LshJoin bounded(JavaSparkContext spark, EngineOptions options) {
    return new LshJoin(spark, options, FIRST_OF_KEY, Integer.MAX_VALUE);
  }

  @Override
  public void append(List<String> texts) {
    pool.append(texts);
  }

  @Override
  public Found probe(List<String> batch) {
    Hits hits = Hits.none(batch.size());
    KnownPairs.Builder pairs = new KnownPairs.Builder();
    for (int from = 0; from < batch.size(); ) {
      int to = (int) Math.min(batch.size(), (long) from + piece);
      for (Verified found : verified(batch.subList(from, to))) {
        if (found.inPool()) {
          hits.offer(from + found.text(), found.other(), found.score());
        } else {
          pairs.add(from + found.text(), from + found.other(), found.score());
        }
      }
      from = to;
    }
    return new Found(hits, pairs.build());
  }

  private List<Verified> verified(List<String> batch) {
    HashPartitioner partitioner = pool.partitioner();
    Broadcast<Texts> texts = spark.broadcast(Texts.of(batch));
    try {
      return pool.keyed(batch)
          .partitionBy(partitioner)
          .values()
          .zipPartitions(pool.parts(), new FindCandidates(partitioner.numPartitions(), ofPool))
          .mapToPair(pairs -> new Tuple2<>(pairs.partition(), pairs))
          .partitionBy(partitioner)
          .values()
          .zipPartitions(pool.parts(), new Verify(tokenizer, threshold, texts))
          .collect();
    } finally {
      texts.destroy();
    }
  }

  /**
   * Candidate pairs whose other text lies in one partition, each as one number: the batch's text in
   * the upper half, the other's position in the pool or index in the batch in the lower.
   */
  @SuppressWarnings("ArrayRecordComponent") // a message between executors, compared by nobody
  private record Pairs(int partition, long[] inPool, long[] inBatch) implements Serializable {}

  /**
   * @param other position in the pool, or index in the batch
   */
  private record Verified(int text, boolean inPool, int other, double score)
      implements Serializable {}

  private static final class FindCandidates
      implements FlatMapFunction2<Iterator<LshPool.Piece>, Iterator<LshPool.Part>, Pairs> {
    private static final long serialVersionUID = 1L;

    private final int partitions;
    private final int ofPool;

    FindCandidates(int partitions, int ofPool) {
      this.partitions = partitions;
      this.ofPool = ofPool;
    }

    @Override
    public Iterator<Pairs> call(Iterator<LshPool.Piece> batch, Iterator<LshPool.Part> pool) {
      List<BandEntries> pieces = new ArrayList<>();
      batch.forEachRemaining(piece -> pieces.add(piece.entries()));
      BandEntries entries = BandEntries.sorted(pieces);
      List<BandEntries> runs = pool.next().runs();
      LongList inPool = new LongList();
      LongList inBatch = new LongList();
      for (int from = 0; from < entries.size(); ) {
        int to = from + 1;
        while (to < entries.size() && entries.key(to) == entries.key(from)) {
          to++;
        }
        int[] texts = new int[to - from];
        for (int i = from; i < to; i++) {
          texts[i - from] = entries.text(i);
        }
        Arrays.sort(texts);
        withPool(texts, entries.key(from), runs, inPool);
        withEachOther(texts, inBatch);
        from = to;
      }
      return byHome(inPool.distinct(), inBatch.distinct());
    }

    private void withPool(int[] texts, long key, List<BandEntries> runs, LongList candidates) {
      int left = ofPool;
      for (BandEntries run : runs) {
        for (int at = run.first(key); at < run.size() && run.key(at) == key && left > 0; at++) {
          left--;
          for (int text : texts) {
            candidates.add((long) text << 32 | run.text(at));
          }
        }
      }
    }

    private static void withEachOther(int[] texts, LongList candidates) {
      for (int later = 1; later < texts.length; later++) {
        for (int first = 0; first < Math.min(later, FIRST_OF_KEY); first++) {
          candidates.add((long) texts[later] << 32 | texts[first]);
        }
      }
    }

    private Iterator<Pairs> byHome(long[] inPool, long[] inBatch) {
      List<Pairs> pairs = new ArrayList<>();
      for (int p = 0; p < partitions; p++) {
        Pairs here = new Pairs(p, ofHome(inPool, p), ofHome(inBatch, p));
        if (here.inPool().length + here.inBatch().length > 0) {
          pairs.add(here);
        }
      }
      return pairs.iterator();
    }

    private long[] ofHome(long[] pairs, int partition) {
      return Arrays.stream(pairs)
          .filter(pair -> LshPool.home((int) pair, partitions) == partition)
          .toArray();
    }
  }

  /**
   * For each text of the batch the earliest of its candidates in the pool that is similar, and all
   * of those in the batch that are.
   */
  private static final class Verify
      implements FlatMapFunction2<Iterator<Pairs>, Iterator<LshPool.Part>, Verified> {
    private static final long serialVersionUID = 1L;

    private final String tokenizer;
    private final double threshold;
    private final Broadcast<Texts> batch;

    Verify(String tokenizer, double threshold, Broadcast<Texts> batch) {
      this.tokenizer = tokenizer;
      this.threshold = threshold;
      this.batch = batch;
    }

    @Override
    public Iterator<Verified> call(Iterator<Pairs> candidates, Iterator<LshPool.Part> pool) {
      LongList inPool = new LongList();
      LongList inBatch = new LongList();
      while (candidates.hasNext()) {
        Pairs pairs = candidates.next();
        Arrays.stream(pairs.inPool()).forEach(inPool::add);
        Arrays.stream(pairs.inBatch()).forEach(inBatch::add);
      }
      Tokenizer cut = Tokenizer.named(tokenizer);
      List<Verified> verified = new ArrayList<>();
      PoolTexts poolTexts = new PoolTexts(pool.next().texts());
      int done = -1;
      Tokens text = new Tokens(cut, batch.value());
      for (long pair : inPool.distinct()) {
        int index = (int) (pair >> 32);
        if (index != done) {
          double f = score(text.of(index), cut.tokens(poolTexts.text((int) pair)));
          if (f > threshold) {
            verified.add(new Verified(index, true, (int) pair, f));
            done = index;
          }
        }
      }
      for (long pair : inBatch.distinct()) {
        int index = (int) (pair >> 32);
        double f = score(text.of(index), cut.tokens(batch.value().get((int) pair)));
        if (f > threshold) {
          verified.add(new Verified(index, false, (int) pair, f));
        }
      }
      return verified.iterator();
    }

    /** F, or 0 where the lengths alone keep it from exceeding the threshold. */
    private double score(List<String> a, List<String> b) {
      double most = 2.0 * Math.min(a.size(), b.size()) / (a.size() + b.size());
      // the margin covers the rounding of F itself
      return most < threshold - 1e-9 ? 0 : RougeL.f(a, b);
    }
  }

  /** Tokens of the text that was asked for last are kept. */
  private static final class Tokens {
    private final Tokenizer cut;
    private final Texts texts;
    private int index = -1;
    private List<String> tokens = List.of();

    Tokens(Tokenizer cut, Texts texts) {
      this.cut = cut;
      this.texts = texts;
    }

    List<String> of(int i) {
      if (i != index) {
        index = i;
        tokens = cut.tokens(texts.get(i));
      }
      return tokens;
    }
  }

  /** The texts of one partition by position. */
  private static final class PoolTexts {
    private final List<LshPool.Slice> slices;
    private final List<Integer> firsts;

    PoolTexts(List<LshPool.Slice> unordered) {
      slices = new ArrayList<>(unordered);
      slices.sort((a, b) -> Integer.compare(a.first(), b.first()));
      firsts = slices.stream().map(LshPool.Slice::first).toList();
    }

    String text(int position) {
      int at = Collections.binarySearch(firsts, position);
      LshPool.Slice slice = slices.get(at >= 0 ? at : -at - 2);
      return slice.texts().get(position - slice.first());
    }
  }
}
