package io.cria.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What Spark's pages show of the ranks' stage. A step that is made again after a fault counts
 * again.
 */
final class Counters implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LongAccumulator steps;
  private final LongAccumulator tokens;
  private final LastLoss loss = new LastLoss();

  Counters(SparkContext spark) {
    steps = spark.longAccumulator("training steps");
    tokens = spark.longAccumulator("training tokens");
    spark.register(loss, "training loss");
  }

  /** Counts a line of the metrics; one of an evaluation has no loss of a step. */
  void add(JsonNode line) {
    if (line.path("loss").isNumber()) {
      steps.add(1);
      tokens.add(line.path("tokens").asLong());
      loss.add(line.path("loss").asDouble());
    }
  }
}
