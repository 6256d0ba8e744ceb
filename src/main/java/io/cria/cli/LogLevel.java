package io.cria.cli;

import org.apache.spark.sql.SparkSession;

/** How much of Spark's log is shown. */
final class LogLevel {
  private LogLevel() {}

  /** Under spark-submit the log was set up before us: the session changes it. */
  static void apply(SparkSession spark, boolean verbose) {
    if (verbose) {
      spark.sparkContext().setLogLevel("INFO");
    }
  }
}
