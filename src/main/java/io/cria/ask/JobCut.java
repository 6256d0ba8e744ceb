package io.cria.ask;

import io.cria.run.AskContext;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How a job is cut.
 *
 * @param slices tasks at most
 * @param overlap whether cores are left to commit parts while others are asked
 */
record JobCut(int slices, boolean overlap) {
  static JobCut of(AskContext context) {
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    int cores = spark.defaultParallelism();
    Integer wanted = context.asking().parallelism();
    boolean dynamic = spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
    int slices =
        wanted != null ? wanted : Math.max(1, Math.min(executors(spark), Math.max(1, cores - 1)));
    return new JobCut(slices, dynamic || slices < cores);
  }

  /** The processes that ask: each has one window, so one task of it is enough. */
  private static int executors(JavaSparkContext spark) {
    if (spark.isLocal()) {
      return 1;
    }
    SparkConf conf = spark.getConf();
    int live = spark.sc().getExecutorMemoryStatus().size() - 1;
    int wanted = conf.getInt("spark.executor.instances", 1);
    boolean dynamic = conf.getBoolean("spark.dynamicAllocation.enabled", false);
    int most = dynamic ? conf.getInt("spark.dynamicAllocation.maxExecutors", live) : live;
    return Math.max(1, Math.max(most, Math.max(live, wanted)));
  }

  /** Without a free core a part is committed before the next is asked. */
  List<List<OpenPart>> waves(List<OpenPart> parts) {
    return overlap ? List.of(parts) : parts.stream().map(List::of).toList();
  }

  int slices(List<OpenPart> wave) {
    long unanswered = wave.stream().mapToLong(OpenPart::unanswered).sum();
    return (int) Math.max(1, Math.min(slices, unanswered));
  }
}
