package io.cria.stage.similarity;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selection;
import io.cria.similarity.Selector;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The {@link Selector} for a cluster: executors search the batch in the pool, the driver resolves
 * the survivors in order by the engine. Whatever is similar to the pool has its earliest neighbour
 * there; a survivor's neighbour, if any, is an accepted survivor before it. Verdicts equal those of
 * {@link io.cria.similarity.EngineSelector} with the same options.
 *
 * <p>With {@link Prefilter#MINHASH} the pool is searched by {@link LshJoin}, with the others by
 * {@link ExecutorIndexes}; of these the MinHash one bounds the lossless search by the earliest
 * verified band hit, on the executor that holds both.
 */
public final class SparkSelector implements Selector {
  private final SparkSession spark;
  private final EngineOptions options;
  private final PoolProbe pool;
  private final List<String> ids = new ArrayList<>();

  public SparkSelector(SparkSession spark, EngineOptions options) {
    this(spark, options, ExecutorIndexes.DISTRIBUTED_FROM);
  }

  /**
   * @param distributedFrom the least batch that is worth a Spark job
   */
  SparkSelector(SparkSession spark, EngineOptions options, int distributedFrom) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.spark = spark;
    this.options = options;
    this.pool =
        options.prefilter() == Prefilter.MINHASH
            ? new LshJoin(context, options)
            : new ExecutorIndexes(context, options, distributedFrom);
  }

  @Override
  public void accept(List<Instruction> texts) {
    pool.append(texts.stream().map(Instruction::text).toList());
    texts.forEach(text -> ids.add(text.id()));
  }

  @Override
  public List<Verdict> select(List<Instruction> batch) {
    spark.sparkContext().setJobDescription("cria: similarity of " + batch.size() + " texts");
    Hits hits = pool.probe(batch.stream().map(Instruction::text).toList());
    List<Instruction> survivors = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (hits.position(i) == Hits.NONE) {
        survivors.add(batch.get(i));
      }
    }
    Resolved resolved = resolve(survivors);
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    int survivor = 0;
    for (int i = 0; i < batch.size(); i++) {
      verdicts.add(
          hits.position(i) == Hits.NONE
              ? resolved.verdicts().get(survivor++)
              : Verdict.similar(ids.get(hits.position(i)), hits.score(i)));
    }
    accept(resolved.kept());
    return verdicts;
  }

  private record Resolved(List<Verdict> verdicts, List<Instruction> kept) {}

  /** Judges what is not similar to the pool against itself. */
  private Resolved resolve(List<Instruction> survivors) {
    Selection selection =
        new PoolIndex(options).select(survivors.stream().map(Instruction::text).toList());
    List<Verdict> verdicts = new ArrayList<>(survivors.size());
    List<Instruction> kept = new ArrayList<>();
    for (int i = 0; i < survivors.size(); i++) {
      if (selection.survives(i)) {
        kept.add(survivors.get(i));
        verdicts.add(Verdict.keep());
      } else {
        verdicts.add(Verdict.similar(kept.get(selection.neighbour(i)).id(), selection.score(i)));
      }
    }
    return new Resolved(verdicts, kept);
  }
}
