package io.cria.pipeline;

import io.cria.ask.AskPlugin;
import io.cria.config.AskConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.config.RunConfig;
import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

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

  /** How Spark names an application that no master has named. */
  private static final String OWN_ID = "spark-application-";

  /** What fails in a context that is stopped while it starts. */
  private static final Pattern STOPPED =
      Pattern.compile("stopped SparkContext|context stopped while waiting|ListenerBus is stopped");

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
    return open(configuration(name));
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
    return open(conf);
  }

  private static SparkSession open(SparkConf conf) {
    String master = conf.get("spark.master");
    SparkSession spark = answered(master, () -> SparkSession.builder().config(conf).getOrCreate());
    requireMaster(master, spark.sparkContext().isStopped(), spark.sparkContext().applicationId());
    return spark;
  }

  /**
   * What starts a session.
   *
   * @throws CriaException (bad input) where it ended because no standalone master answers: Spark
   *     stops the context below whoever makes it, and that one fails of it
   */
  static <T> T answered(String master, Supplier<T> start) {
    try {
      return start.get();
    } catch (IllegalStateException e) {
      if (isStandalone(master) && STOPPED.matcher(String.valueOf(e.getMessage())).find()) {
        throw noMaster(master, e);
      }
      throw e;
    }
  }

  /**
   * Refuses a session that came up all the same, its context stopped or about to be.
   *
   * @param application its id: one of Spark's own making where no master has given one
   * @throws CriaException (bad input)
   */
  static void requireMaster(String master, boolean stopped, String application) {
    if (isStandalone(master) && (stopped || application.startsWith(OWN_ID))) {
      throw noMaster(master, null);
    }
  }

  private static boolean isStandalone(String master) {
    return master.startsWith("spark://");
  }

  private static CriaException noMaster(String master, @Nullable Throwable cause) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        "no Spark master answers at " + master + ": look at its address and whether it runs",
        cause);
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
    if (isStandalone(conf.get("spark.master"))) {
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
