package io.cria.train;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * The line between the driver and the ranks' tasks: how far the training is, and whether to stop.
 * Messages are maps of JDK values, which every class loader knows.
 */
public final class TrainPlugin implements SparkPlugin {
  private static volatile @Nullable PluginContext here;

  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  private static final class Driver implements DriverPlugin {
    @Override
    public Object receive(Object message) {
      return Board.receive((Map<?, ?>) message);
    }
  }

  private static final class Executor implements ExecutorPlugin {
    @Override
    public void init(PluginContext context, Map<String, String> extraConf) {
      here = context;
    }

    @Override
    public void shutdown() {
      here = null;
    }
  }

  /** Sends to the driver and waits for its answer. */
  static Map<?, ?> ask(Map<String, Object> message) throws Exception {
    PluginContext context = here;
    if (context == null) {
      throw new IllegalStateException(
          "spark.plugins: " + TrainPlugin.class.getName() + " did not start in this process");
    }
    return (Map<?, ?>) context.ask(message);
  }
}
