package io.cria.run;

import io.cria.config.AskConfig;
import io.cria.config.RunConfig;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.SeedTask;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * What every stage of the line works with in one invocation.
 *
 * @param spark the session
 * @param run the run's directory
 * @param lock held by this driver
 * @param config the run's configuration
 * @param baseUrl where the model answers; asked for when there is something to send, because asking
 *     may start the embedded model
 * @param identity hash of the run's identity
 * @param seeds the seed tasks, in file order
 * @param seedsInput what stands for them in manifests
 * @param prompts the recipe's prompt files: name to text
 * @param prices text of the price list; empty when there is none
 * @param progress tells how far it is
 * @param stopAsked whether somebody asked to stop
 * @param wish what this invocation is to do beside going on
 * @param shortfall why the line ends short of its target, where a cap has it so
 * @param estimates by name of an asking stage of the recipe; asked for where nothing is measured
 */
public record RunContext(
    SparkSession spark,
    RunDirectory run,
    RunLock lock,
    RunConfig config,
    Supplier<String> baseUrl,
    String identity,
    List<SeedTask> seeds,
    Manifest.Input seedsInput,
    Map<String, String> prompts,
    String prices,
    RunProgress progress,
    StopAsked stopAsked,
    Wish wish,
    Shortfall shortfall,
    Supplier<Map<String, Estimate>> estimates)
    implements AskContext {
  public RunContext {
    seeds = List.copyOf(seeds);
    prompts = Map.copyOf(prompts);
  }

  @Override
  public AskConfig asking() {
    return config.asking();
  }

  @Override
  public String closed() {
    return "have the dataset of what is answered";
  }
}
