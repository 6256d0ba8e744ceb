package io.cria.select;

import io.cria.run.RunContext;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.EngineSelector;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selector;
import io.cria.similarity.TextSelector;
import io.cria.text.Tokenizer;
import org.apache.spark.sql.SparkSession;

/** Chooses how a run decides similarity. */
public final class Selectors {
  private Selectors() {}

  /** The similarity rule of a run, with the prefilter that its run file names. */
  public static Selector of(RunContext context) {
    var similarity = context.config().similarity();
    EngineOptions options =
        EngineOptions.of(Tokenizer.named(similarity.tokenizer()), similarity.threshold())
            .withThreads(Runtime.getRuntime().availableProcessors())
            .withPrefilter(Prefilter.named(context.config().prefilter()));
    Selector selector = new EngineSelector(of(context.spark(), options));
    return options.prefilter().isExact()
        ? selector
        : new MeasuredSelector(selector, options, context.run(), context.progress());
  }

  /**
   * With executors in this process the engine alone is fastest: its threads are the cores. There
   * the lossless prefilter alone stands for every exact one: the selections are the same, at a
   * third of the time and a fifth of the memory.
   */
  public static TextSelector of(SparkSession spark, EngineOptions options) {
    return spark.sparkContext().isLocal()
        ? new PoolIndex(
            options.prefilter().isExact() ? options.withPrefilter(Prefilter.LOSSLESS) : options)
        : new SparkSelector(spark, options);
  }
}
