package io.cria.ask;

import io.cria.task.CriaException;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * The line between driver and executors while a stage is asked: whether to stop, how far each task
 * is, what is left of a cap. Sessions have it in {@code spark.plugins}. Messages are maps of JDK
 * values, which every class loader knows.
 */
public final class AskPlugin implements SparkPlugin {
  /** Spark's key for plugins. */
  public static final String KEY = "spark.plugins";

  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  /**
   * @throws CriaException (bad input) when the session was made without it
   */
  static void require(SparkContext spark) {
    String plugins = spark.getConf().get(KEY, "");
    if (!Arrays.asList(plugins.split(",")).contains(AskPlugin.class.getName())) {
      throw CriaException.badInput(
          KEY
              + ": this Spark session was made without "
              + AskPlugin.class.getName()
              + ": add it, with Cria's jar on the class path of driver and executors");
    }
  }

  private static final class Driver implements DriverPlugin {
    @Override
    public Map<String, String> init(SparkContext spark, PluginContext context) {
      AskMetrics.DRIVER.register(context.metricRegistry());
      if (spark.isLocal()) {
        AskMetrics.EXECUTOR.register(context.metricRegistry());
      }
      return Map.of();
    }

    @Override
    public Object receive(Object message) {
      return Inquiry.receive((Map<?, ?>) message);
    }
  }

  /** The executor of a local session, which begins before the session has a name for metrics. */
  private static final String DRIVER = "driver";

  private static final class Executor implements ExecutorPlugin {
    @Override
    public void init(PluginContext context, Map<String, String> extraConf) {
      here = context;
      if (!context.executorID().equals(DRIVER)) {
        AskMetrics.EXECUTOR.register(context.metricRegistry());
      }
    }

    @Override
    public void shutdown() {
      here = null;
    }
  }

  private static volatile @Nullable PluginContext here;

  /** Sends to the driver and waits for its answer. */
  static Map<?, ?> ask(Map<String, Object> message) throws Exception {
    PluginContext context = here;
    if (context == null) {
      throw new IllegalStateException("Cria's plugin did not start in this process");
    }
    return (Map<?, ?>) context.ask(message);
  }
}
