package io.cria.pipeline;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the Spark session: what spark-submit or system properties say stands; the rest is for one
 * machine.
 */
public final class Sessions {
  private Sessions() {}

  public static SparkSession open(String name) {
    SparkConf conf = new SparkConf();
    conf.setAppName("cria " + name);
    conf.setIfMissing("spark.master", "local[*]");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing(
          "spark.sql.shuffle.partitions",
          String.valueOf(Math.max(2, Runtime.getRuntime().availableProcessors())));
    }
    // a data set's texts, or a run's pool, are collected whole: the heap is their limit
    conf.setIfMissing("spark.driver.maxResultSize", "0");
    // ids and times in one zone on every host
    conf.setIfMissing("spark.sql.session.timeZone", "UTC");
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
