package io.cria.select;

import io.cria.dedup.Dedup;
import io.cria.dedup.DedupOptions;
import io.cria.run.RunProgress;
import io.cria.similarity.EngineOptions;
import io.cria.similarity.EngineSelector;
import io.cria.similarity.Oracle;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selector;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** The program that {@link ClusterSelectorTest} starts. */
final class ClusterSelection {
  static final long SEED = 61;

  private ClusterSelection() {}

  public static void main(String[] args) throws IOException {
    SparkConf conf =
        new SparkConf()
            .setMaster("local-cluster[2,1,1024]")
            .setAppName("cria test")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.ui.enabled", "false")
            .set("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    int code;
    try {
      code = judge(spark) && dedup(spark, Path.of(args[0])) ? 0 : 1;
    } finally {
      spark.stop();
    }
    System.exit(code);
  }

  private static boolean judge(SparkSession spark) {
    List<Instruction> texts = Oracle.numbered(Oracle.corpus(SEED, 1_200, 60));
    boolean equal = true;
    for (Prefilter prefilter : Prefilter.values()) {
      EngineOptions options = EngineOptions.published().withPrefilter(prefilter);
      Selector engine = new EngineSelector(options);
      Selector cluster = new EngineSelector(new SparkSelector(spark, options, 0));
      for (int round = 0; round < 4; round++) {
        List<Instruction> batch = texts.subList(300 * round, 300 * round + 300);
        List<Verdict> wanted = engine.select(batch);
        equal &= cluster.select(batch).equals(wanted);
        if (round == 1) {
          loseAnExecutor(spark);
        }
      }
    }
    System.out.println(
        "verdicts " + (equal ? "equal" : "differ") + " after the loss of an executor");
    return equal;
  }

  /** A data set through the executors: the same records kept as by the plain loop. */
  private static boolean dedup(SparkSession spark, Path directory) throws IOException {
    List<String> texts = Oracle.corpus(SEED + 1, 2_500, 60);
    List<Verdict> verdicts = Oracle.verdicts(texts, 0.7);
    Path input = directory.resolve("in.jsonl");
    List<String> lines = texts.stream().map(t -> "{\"instruction\":\"" + t + "\"}").toList();
    Files.write(input, lines);
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (verdicts.get(i).kept()) {
        wanted.add(lines.get(i));
      }
    }
    boolean equal = true;
    for (Prefilter prefilter : List.of(Prefilter.LOSSLESS, Prefilter.MINHASH_LOSSLESS)) {
      Path output = directory.resolve(prefilter.name());
      Dedup.run(
          spark,
          new DedupOptions(
              List.of(input.toString()),
              "instruction",
              null,
              0.7,
              "rouge-en",
              prefilter.key(),
              output.toString()),
          RunProgress.silent());
      equal &= Files.readAllLines(output.resolve("kept.jsonl")).equals(wanted);
    }
    System.out.println("dedup " + (equal ? "keeps the same" : "differs"));
    return equal;
  }

  /** One task ends its process; Spark tries it again elsewhere. */
  private static void loseAnExecutor(SparkSession spark) {
    long ended =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(1, 2), 2)
            .map(new EndProcessOnce())
            .filter(first -> first)
            .count();
    System.out.println("executors that went on at once: " + ended);
  }

  private static final class EndProcessOnce
      implements org.apache.spark.api.java.function.Function<Integer, Boolean> {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean call(Integer number) {
      org.apache.spark.TaskContext task = org.apache.spark.TaskContext.get();
      if (number == 1 && task.attemptNumber() == 0) {
        Runtime.getRuntime().halt(1);
      }
      return task.attemptNumber() == 0;
    }
  }
}
