package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.LshBands;
import io.cria.similarity.MinHash;
import io.cria.text.Tokenizer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.FlatMapFunction2;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * A pool divided over the executors twice: the band keys of its texts by key, the texts themselves
 * by position. Keys are kept in sorted runs; what an executor loses is made again from the texts.
 */
final class LshPool {
  private static final int TEXTS_PER_SLICE = 256;

  /** The pool is laid out anew after so many appends: a lineage must not grow with the rounds. */
  private static final int APPENDS = 32;

  private final JavaSparkContext spark;
  private final String tokenizer;
  private final LshBands bands;
  private final HashPartitioner partitioner;
  private final List<Slice> slices = new ArrayList<>();
  private int size;
  private int appends;
  private @Nullable JavaRDD<Part> parts;

  LshPool(JavaSparkContext spark, EngineOptions options) {
    this.spark = spark;
    this.tokenizer = options.tokenizer().name();
    this.bands = options.bands();
    this.partitioner = new HashPartitioner(Math.max(2, spark.defaultParallelism()));
  }

  HashPartitioner partitioner() {
    return partitioner;
  }

  /** One part for each partition, also of an empty pool. */
  JavaRDD<Part> parts() {
    JavaRDD<Part> now = parts;
    if (now == null) {
      now = laidOut(List.of()).persist(StorageLevel.MEMORY_AND_DISK());
      parts = now;
    }
    return now;
  }

  /** Takes texts in at the next positions. */
  void append(List<String> texts) {
    if (texts.isEmpty()) {
      return;
    }
    List<Slice> added = slices(size, texts);
    slices.addAll(added);
    boolean first = size == 0;
    size += texts.size();
    if (first || ++appends >= APPENDS) {
      appends = 0;
      replace(laidOut(slices));
    } else {
      replace(parts().zipPartitions(laidOut(added), new JoinParts()));
    }
  }

  private void replace(JavaRDD<Part> next) {
    next.persist(StorageLevel.MEMORY_AND_DISK());
    next.count(); // it is read by every later batch
    JavaRDD<Part> old = parts;
    parts = next;
    if (old != null) {
      old.unpersist(false);
    }
  }

  /** One part for each partition: the band keys that fall to it and the texts that fall to it. */
  private JavaRDD<Part> laidOut(List<Slice> texts) {
    return keyed(texts, true).partitionBy(partitioner).values().mapPartitions(new CollectPart());
  }

  /** The band keys of texts that are numbered from 0, by the partition they fall to. */
  JavaPairRDD<Integer, Piece> keyed(List<String> texts) {
    return keyed(slices(0, texts), false);
  }

  private JavaPairRDD<Integer, Piece> keyed(List<Slice> texts, boolean withTexts) {
    int tasks = Math.min(texts.size(), partitioner.numPartitions());
    return spark
        .parallelize(texts, Math.max(1, tasks))
        .flatMapToPair(new Keyed(tokenizer, bands, partitioner.numPartitions(), withTexts));
  }

  private static List<Slice> slices(int first, List<String> texts) {
    List<Slice> slices = new ArrayList<>();
    for (int from = 0; from < texts.size(); ) {
      // up to the next multiple, so that a slice has one home
      int to = from + TEXTS_PER_SLICE - (first + from) % TEXTS_PER_SLICE;
      to = Math.min(texts.size(), to);
      slices.add(new Slice(first + from, Texts.of(texts.subList(from, to))));
      from = to;
    }
    return slices;
  }

  /** Texts with their numbers: positions in the pool or indexes in the batch. */
  record Slice(int first, Texts texts) implements Serializable {}

  /** What of a slice falls to one partition. */
  record Piece(BandEntries entries, List<Slice> texts) implements Serializable {}

  /** One partition of the pool: sorted runs of band keys, and texts. */
  record Part(List<BandEntries> runs, List<Slice> texts) implements Serializable {}

  /** In which partition the text with a number lies. */
  static int home(int number, int partitions) {
    return number / TEXTS_PER_SLICE % partitions;
  }

  private static final class Keyed implements PairFlatMapFunction<Slice, Integer, Piece> {
    private static final long serialVersionUID = 1L;

    private final String tokenizer;
    private final int bandCount;
    private final int rows;
    private final int partitions;
    private final boolean withTexts;

    Keyed(String tokenizer, LshBands bands, int partitions, boolean withTexts) {
      this.tokenizer = tokenizer;
      this.bandCount = bands.bands();
      this.rows = bands.rows();
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

  private static final class CollectPart implements FlatMapFunction<Iterator<Piece>, Part> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Part> call(Iterator<Piece> pieces) {
      List<BandEntries> runs = new ArrayList<>();
      ArrayList<Slice> texts = new ArrayList<>();
      while (pieces.hasNext()) {
        Piece piece = pieces.next();
        runs.add(piece.entries());
        texts.addAll(piece.texts());
      }
      ArrayList<BandEntries> run = new ArrayList<>(List.of(BandEntries.sorted(runs)));
      return List.of(new Part(run, texts)).iterator();
    }
  }

  /**
   * Adds a delta's partition to the pool's; runs are joined so that each is half the one before.
   */
  private static final class JoinParts
      implements FlatMapFunction2<Iterator<Part>, Iterator<Part>, Part> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Part> call(Iterator<Part> pool, Iterator<Part> delta) {
      ArrayList<BandEntries> runs = new ArrayList<>();
      ArrayList<Slice> texts = new ArrayList<>();
      for (Part part : List.of(pool.next(), delta.next())) {
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
      return List.of(new Part(runs, texts)).iterator();
    }
  }
}
