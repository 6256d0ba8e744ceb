package io.cria.testing;

import io.cria.pipeline.Sessions;
import io.cria.train.TrainPlugin;
import org.apache.spark.sql.SparkSession;

/** The one Spark session of the suite: two cores, small shuffles, failed tasks tried again. */
public final class LocalSpark {
  private LocalSpark() {}

  /** The session; made at the first call, stopped with the process. */
  public static synchronized SparkSession session() {
    setIfMissing("spark.master", "local[2,4]");
    setIfMissing("spark.sql.shuffle.partitions", "2");
    setIfMissing("spark.ui.enabled", "false");
    setIfMissing("spark.plugins", TrainPlugin.class.getName());
    return Sessions.open("tests");
  }

  /** System properties, so that a session which a command opens is this one. */
  private static void setIfMissing(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
