package io.cria.pipeline;

import io.cria.ask.AskPlugin;
import io.cria.config.AskConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.config.RunConfig;
import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import java.util.Arrays;
import java.util.Collection;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the Spark session: what spark-submit or system properties say stands; the rest is for one
 * machine.
 */
public final class Sessions {
  private Sessions() {}

  /** What Cria's own values travel by: other serializers do not carry records. */
  private static final String SERIALIZER = "org.apache.spark.serializer.JavaSerializer";

  /** The share of the cores asked for that a standalone session waits for at its start. */
  private static final String EXECUTORS_AT_START = "spark.scheduler.minRegisteredResourcesRatio";

  /**
   * A session for asking whoever a run file names.
   *
   * @throws CriaException when a key of an endpoint's stands among Spark's properties: then none is
   *     opened, because the event log would hold it
   */
  public static SparkSession open(String name, RunConfig config) {
    return open(name, config.mayBeAsked().stream().map(AskConfig::endpoint).toList());
  }

  /** The same for asking these endpoints. */
  public static SparkSession open(String name, Collection<Endpoint> endpoints) {
    SparkConf conf = new SparkConf();
    endpoints.forEach(endpoint -> KeysInSpark.refuse(conf, endpoint, System.getenv()));
    return open(name);
  }

  public static SparkSession open(String name) {
    return SparkSession.builder().config(configuration(name)).getOrCreate();
  }

  /**
   * A session with a further plugin of Cria's, for work that waits for its executors by itself: it
   * has the numbers to tell.
   */
  public static SparkSession open(String name, Class<? extends SparkPlugin> plugin) {
    SparkConf conf = configuration(name);
    conf.set(AskPlugin.KEY, plugins(conf.get(AskPlugin.KEY), plugin.getName()));
    if (!new SparkConf().contains(EXECUTORS_AT_START)) {
      conf.set(EXECUTORS_AT_START, "0");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  static SparkConf configuration(String name) {
    SparkConf conf = new SparkConf();
    conf.setAppName("cria " + name);
    conf.setIfMissing("spark.master", "local[*]");
    if (conf.get("spark.master").matches("local(\\[.*)?")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing(
          "spark.sql.shuffle.partitions",
          String.valueOf(Math.max(2, Runtime.getRuntime().availableProcessors())));
    }
    if (conf.get("spark.master").startsWith("spark://")) {
      // as other masters do by themselves: the executors that are to ask are there to be looked at
      conf.setIfMissing(EXECUTORS_AT_START, "0.8");
    }
    Hadoop.sparkSettings(System.getenv()).forEach(conf::setIfMissing);
    conf.setIfMissing("spark.redaction.regex", KeysInSpark.NAMES);
    conf.set("spark.serializer", SERIALIZER);
    conf.set(AskPlugin.KEY, plugins(conf.get(AskPlugin.KEY, ""), AskPlugin.class.getName()));
    // a copy of a paid task would pay again
    conf.setIfMissing("spark.speculation", "false");
    // progress is told by Cria itself
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // a data set's texts are collected whole: the heap is their limit
    conf.setIfMissing("spark.driver.maxResultSize", "0");
    // ids and times in one zone on every host, and in tables as any reader knows them
    conf.setIfMissing("spark.sql.session.timeZone", "UTC");
    conf.setIfMissing("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    return conf;
  }

  /** The plugins given, and one of Cria's. */
  private static String plugins(String given, String own) {
    if (given.isBlank()) {
      return own;
    }
    return Arrays.asList(given.split(",")).contains(own) ? given : given + "," + own;
  }
}
