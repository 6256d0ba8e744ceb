package io.cria.stage.similarity;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.LshBands;
import io.cria.similarity.MinHash;
import io.cria.similarity.RougeL;
import io.cria.text.Tokenizer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.FlatMapFunction2;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * A distributed join of a batch with the pool on the band keys of their MinHash signatures, each
 * candidate pair then decided by its exact ROUGE-L F. Finds the pairs that {@link LshBands} makes
 * candidates: those above the threshold with at least the wanted recall, and nothing that is not
 * similar.
 *
 * <p>The pool is divided over the executors twice: its band keys by key, its texts by position. A
 * batch goes through two shuffles: its keys to the pool's keys, the candidates to the pool's texts.
 * Keys of the pool are kept sorted, so that the cost follows the batch; what an executor loses is
 * made again from the texts.
 */
final class LshJoin implements PoolProbe {
  private static final int TEXTS_PER_SLICE = 256;

  /** The pool is laid out anew after so many appends: a lineage must not grow with the rounds. */
  private static final int APPENDS = 32;

  private final JavaSparkContext spark;
  private final Bands bands;
  private final HashPartitioner partitioner;
  private final List<Texts> increments = new ArrayList<>();
  private int size;
  private int appends;
  private @Nullable JavaRDD<PoolPart> pool;

  LshJoin(JavaSparkContext spark, EngineOptions options) {
    this.spark = spark;
    this.bands = new Bands(options.tokenizer().name(), options.threshold(), options.bands());
    this.partitioner = new HashPartitioner(Math.max(2, spark.defaultParallelism()));
  }

  @Override
  public void append(List<String> texts) {
    if (texts.isEmpty()) {
      return;
    }
    Texts added = Texts.of(texts);
    increments.add(added);
    int first = size;
    size += added.size();
    if (pool == null || ++appends >= APPENDS) {
      appends = 0;
      replacePool(delta(0, joined()));
    } else {
      replacePool(pool.zipPartitions(delta(first, added), new JoinParts()));
    }
  }

  private Texts joined() {
    if (increments.size() > 1) {
      Texts.Builder all = new Texts.Builder();
      increments.forEach(increment -> increment.forEach(all::add));
      increments.clear();
      increments.add(all.build());
    }
    return increments.get(0);
  }

  private void replacePool(JavaRDD<PoolPart> next) {
    next.persist(StorageLevel.MEMORY_AND_DISK());
    next.count(); // it is read by every later batch
    JavaRDD<PoolPart> old = pool;
    pool = next;
    if (old != null) {
      old.unpersist(false);
    }
  }

  /** One part for each partition: the band keys that fall to it and the texts that fall to it. */
  private JavaRDD<PoolPart> delta(int first, Texts texts) {
    return keyed(first, texts, true)
        .partitionBy(partitioner)
        .values()
        .mapPartitions(new CollectPart());
  }

  private JavaPairRDD<Integer, Piece> keyed(int first, List<String> texts, boolean withTexts) {
    List<Slice> slices = new ArrayList<>();
    for (int from = 0; from < texts.size(); ) {
      // up to the next multiple, so that a slice has one home
      int to = from + TEXTS_PER_SLICE - (first + from) % TEXTS_PER_SLICE;
      to = Math.min(texts.size(), to);
      slices.add(new Slice(first + from, Texts.of(texts.subList(from, to))));
      from = to;
    }
    int tasks = Math.min(slices.size(), partitioner.numPartitions());
    return spark
        .parallelize(slices, Math.max(1, tasks))
        .flatMapToPair(new Keyed(bands, partitioner.numPartitions(), withTexts));
  }

  @Override
  public Hits probe(List<String> batch) {
    Hits hits = Hits.none(batch.size());
    if (pool == null || batch.isEmpty()) {
      return hits;
    }
    Broadcast<Texts> texts = spark.broadcast(Texts.of(batch));
    try {
      List<Verified> found =
          keyed(0, batch, false)
              .partitionBy(partitioner)
              .values()
              .zipPartitions(pool, new FindCandidates(partitioner.numPartitions()))
              .mapToPair(pairs -> new Tuple2<>(pairs.partition(), pairs))
              .partitionBy(partitioner)
              .values()
              .zipPartitions(pool, new Verify(bands, texts))
              .collect();
      found.forEach(hit -> hits.offer(hit.text(), hit.position(), hit.score()));
      return hits;
    } finally {
      texts.destroy();
    }
  }

  /** The banding by name, so that it can travel. */
  private record Bands(String tokenizer, double threshold, LshBands lsh) implements Serializable {
    private Bands(String tokenizer, double threshold, LshBands lsh) {
      this.tokenizer = tokenizer;
      this.threshold = threshold;
      this.lsh = lsh;
    }
  }

  /** Texts with their numbers: positions in the pool or indexes in the batch. */
  private record Slice(int first, Texts texts) implements Serializable {}

  /** What of a slice falls to one partition. */
  private record Piece(BandEntries entries, List<Slice> texts) implements Serializable {}

  /** One partition of the pool: sorted runs of band keys, and texts. */
  private record PoolPart(List<BandEntries> runs, List<Slice> texts) implements Serializable {}

  /** Candidate pairs whose pool text lies in one partition. */
  @SuppressWarnings("ArrayRecordComponent") // a message between executors, compared by nobody
  private record Pairs(int partition, int[] positions, int[] texts) implements Serializable {}

  private record Verified(int text, int position, double score) implements Serializable {}

  /** In which partition the text at a position lies. */
  private static int home(int position, int partitions) {
    return position / TEXTS_PER_SLICE % partitions;
  }

  private static final class Keyed implements PairFlatMapFunction<Slice, Integer, Piece> {
    private static final long serialVersionUID = 1L;

    private final String tokenizer;
    private final int bandCount;
    private final int rows;
    private final int partitions;
    private final boolean withTexts;

    Keyed(Bands bands, int partitions, boolean withTexts) {
      this.tokenizer = bands.tokenizer();
      this.bandCount = bands.lsh().bands();
      this.rows = bands.lsh().rows();
      this.partitions = partitions;
      this.withTexts = withTexts;
    }

    @Override
    public Iterator<Tuple2<Integer, Piece>> call(Slice slice) {
      LshBands lsh = new LshBands(bandCount, rows);
      MinHash minHash = MinHash.unigrams(lsh.functions());
      Tokenizer cut = Tokenizer.named(tokenizer);
      BandEntries[] entries = new BandEntries[partitions];
      Arrays.setAll(entries, p -> new BandEntries(slice.texts().size() * bandCount / partitions));
      for (int i = 0; i < slice.texts().size(); i++) {
        for (long key : lsh.keys(minHash.signature(cut.tokens(slice.texts().get(i))))) {
          entries[(int) (key % partitions)].add(key, slice.first() + i);
        }
      }
      int home = home(slice.first(), partitions);
      List<Tuple2<Integer, Piece>> pieces = new ArrayList<>();
      for (int p = 0; p < partitions; p++) {
        List<Slice> texts = withTexts && p == home ? List.of(slice) : List.of();
        pieces.add(new Tuple2<>(p, new Piece(entries[p], texts)));
      }
      return pieces.iterator();
    }
  }

  private static final class CollectPart implements FlatMapFunction<Iterator<Piece>, PoolPart> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<PoolPart> call(Iterator<Piece> pieces) {
      List<BandEntries> runs = new ArrayList<>();
      ArrayList<Slice> texts = new ArrayList<>();
      while (pieces.hasNext()) {
        Piece piece = pieces.next();
        runs.add(piece.entries());
        texts.addAll(piece.texts());
      }
      ArrayList<BandEntries> run = new ArrayList<>(List.of(BandEntries.sorted(runs)));
      return List.of(new PoolPart(run, texts)).iterator();
    }
  }

  /**
   * Adds a delta's partition to the pool's; runs are joined so that each is half the one before.
   */
  private static final class JoinParts
      implements FlatMapFunction2<Iterator<PoolPart>, Iterator<PoolPart>, PoolPart> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<PoolPart> call(Iterator<PoolPart> pool, Iterator<PoolPart> delta) {
      ArrayList<BandEntries> runs = new ArrayList<>();
      ArrayList<Slice> texts = new ArrayList<>();
      for (PoolPart part : List.of(pool.next(), delta.next())) {
        runs.addAll(part.runs());
        texts.addAll(part.texts());
      }
      while (runs.size() > 1
          && runs.get(runs.size() - 2).size() < 2L * runs.get(runs.size() - 1).size()) {
        List<BandEntries> tail = runs.subList(runs.size() - 2, runs.size());
        BandEntries joined = BandEntries.sorted(tail);
        tail.clear();
        runs.add(joined);
      }
      return List.of(new PoolPart(runs, texts)).iterator();
    }
  }

  private static final class FindCandidates
      implements FlatMapFunction2<Iterator<Piece>, Iterator<PoolPart>, Pairs> {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    FindCandidates(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public Iterator<Pairs> call(Iterator<Piece> batch, Iterator<PoolPart> pool) {
      List<BandEntries> runs = pool.next().runs();
      // a candidate pair as one number: text, position; one text is wholly in one slice
      List<Pairs> pairs = new ArrayList<>();
      while (batch.hasNext()) {
        LongList found = new LongList();
        BandEntries entries = batch.next().entries();
        for (int i = 0; i < entries.size(); i++) {
          long key = entries.key(i);
          for (BandEntries run : runs) {
            for (int at = run.first(key); at < run.size() && run.key(at) == key; at++) {
              found.add((long) entries.text(i) << 32 | run.text(at));
            }
          }
        }
        byHome(found.distinct(), pairs);
      }
      return pairs.iterator();
    }

    private void byHome(long[] found, List<Pairs> pairs) {
      for (int p = 0; p < partitions; p++) {
        int partition = p;
        long[] here =
            Arrays.stream(found)
                .filter(pair -> home((int) pair, partitions) == partition)
                .toArray();
        if (here.length > 0) {
          pairs.add(
              new Pairs(
                  partition,
                  Arrays.stream(here).mapToInt(pair -> (int) pair).toArray(),
                  Arrays.stream(here).mapToInt(pair -> (int) (pair >> 32)).toArray()));
        }
      }
    }
  }

  /** For each text of the batch the earliest of its candidates that is similar, if any. */
  private static final class Verify
      implements FlatMapFunction2<Iterator<Pairs>, Iterator<PoolPart>, Verified> {
    private static final long serialVersionUID = 1L;

    private final String tokenizer;
    private final double threshold;
    private final Broadcast<Texts> batch;

    Verify(Bands bands, Broadcast<Texts> batch) {
      this.tokenizer = bands.tokenizer();
      this.threshold = bands.threshold();
      this.batch = batch;
    }

    @Override
    public Iterator<Verified> call(Iterator<Pairs> candidates, Iterator<PoolPart> pool) {
      LongList all = new LongList();
      candidates.forEachRemaining(
          pairs -> {
            for (int i = 0; i < pairs.texts().length; i++) {
              all.add((long) pairs.texts()[i] << 32 | pairs.positions()[i]);
            }
          });
      List<Slice> texts = new ArrayList<>(pool.next().texts());
      texts.sort((a, b) -> Integer.compare(a.first(), b.first()));
      Tokenizer cut = Tokenizer.named(tokenizer);
      List<Verified> verified = new ArrayList<>();
      int current = -1;
      boolean done = false;
      List<String> tokens = List.of();
      for (long pair : all.distinct()) {
        int text = (int) (pair >> 32);
        if (text != current) {
          current = text;
          done = false;
          tokens = cut.tokens(batch.value().get(text));
        }
        if (!done) {
          int position = (int) pair;
          double f = score(tokens, cut.tokens(text(texts, position)));
          if (f > threshold) {
            verified.add(new Verified(text, position, f));
            done = true;
          }
        }
      }
      return verified.iterator();
    }

    private static String text(List<Slice> slices, int position) {
      int at = Collections.binarySearch(slices.stream().map(Slice::first).toList(), position);
      Slice slice = slices.get(at >= 0 ? at : -at - 2);
      return slice.texts().get(position - slice.first());
    }

    /** F, or 0 where the lengths alone keep it from exceeding the threshold. */
    private double score(List<String> a, List<String> b) {
      double most = 2.0 * Math.min(a.size(), b.size()) / (a.size() + b.size());
      // the margin covers the rounding of F itself
      return most < threshold - 1e-9 ? 0 : RougeL.f(a, b);
    }
  }

  private static final class LongList {
    private long[] values = new long[256];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = value;
    }

    /** Ascending. */
    long[] distinct() {
      return Arrays.stream(values, 0, size).sorted().distinct().toArray();
    }
  }
}
