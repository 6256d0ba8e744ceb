package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.KnownPairs;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selection;
import io.cria.similarity.TextSelector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The similarity rule on a cluster: executors search the batch in the pool, the driver resolves the
 * survivors in order by the engine. Whatever is similar to the pool has its earliest neighbour
 * there; a survivor's neighbour, if any, is an accepted survivor before it. Selections equal those
 * of {@link PoolIndex} with an exact prefilter.
 *
 * <p>The prefilter says how the pool is searched: {@link Prefilter#LOSSLESS} by {@link
 * ExecutorIndexes}, {@link Prefilter#MINHASH} by {@link LshJoin}, {@link
 * Prefilter#MINHASH_LOSSLESS} by the second before the first. Pairs of the batch that the join
 * finds spare the driver work.
 */
public final class SparkSelector implements TextSelector {
  private final SparkSession spark;
  private final EngineOptions resolving;
  private final PoolProbe pool;
  private int size;

  public SparkSelector(SparkSession spark, EngineOptions options) {
    this(spark, options, ExecutorIndexes.DISTRIBUTED_FROM);
  }

  /**
   * @param distributedFrom the least batch that is worth a Spark job
   */
  SparkSelector(SparkSession spark, EngineOptions options, int distributedFrom) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    EngineOptions lossless = options.withPrefilter(Prefilter.LOSSLESS);
    this.spark = spark;
    this.resolving = options.prefilter().isExact() ? lossless : options;
    this.pool =
        switch (options.prefilter()) {
          case LOSSLESS -> new ExecutorIndexes(context, lossless, distributedFrom);
          case MINHASH -> LshJoin.complete(context, options);
          case MINHASH_LOSSLESS ->
              new BoundedProbe(
                  LshJoin.bounded(context, options),
                  new ExecutorIndexes(context, lossless, distributedFrom),
                  distributedFrom);
        };
  }

  @Override
  public void append(List<String> texts) {
    pool.append(texts);
    size += texts.size();
  }

  @Override
  public Selection select(List<String> batch) {
    spark.sparkContext().setJobDescription("cria: similarity of " + batch.size() + " texts");
    PoolProbe.Found found = pool.probe(batch);
    Hits hits = found.pool();
    int[] survivors =
        IntStream.range(0, batch.size()).filter(i -> hits.position(i) == Hits.NONE).toArray();
    Selection resolved = resolve(batch, survivors, found.batch());
    int[] neighbours = new int[batch.size()];
    double[] scores = new double[batch.size()];
    for (int i = 0; i < neighbours.length; i++) {
      neighbours[i] = hits.position(i);
      scores[i] = hits.score(i);
    }
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < survivors.length; i++) {
      if (resolved.survives(i)) {
        kept.add(batch.get(survivors[i]));
      } else {
        neighbours[survivors[i]] = size + resolved.neighbour(i);
        scores[survivors[i]] = resolved.score(i);
      }
    }
    append(kept);
    return new Selection(neighbours, scores);
  }

  /** Judges what is not similar to the pool against itself. */
  private Selection resolve(List<String> batch, int[] survivors, KnownPairs pairs) {
    List<String> texts = Arrays.stream(survivors).mapToObj(batch::get).toList();
    return new PoolIndex(resolving).select(texts, pairs.among(survivors));
  }
}
