package io.cria.run;

import io.cria.config.RunConfig;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeedTask;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * What every stage of one invocation works with.
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
    Supplier<Map<String, Estimate>> estimates) {
  /** Written into a run by whoever asks it to stop from outside. */
  public static final String STOP_FILE = "_stop";

  /**
   * What an invocation is to do beside going on.
   *
   * @param closeRound commit rounds that an earlier invocation left unfinished with the answers
   *     they have, send nothing for them, and begin no round of generation
   * @param retryRejected ask requests again that were rejected, where nothing later hangs on them
   */
  public record Wish(boolean closeRound, boolean retryRejected) {
    public static final Wish NONE = new Wish(false, false);
  }

  public RunContext {
    seeds = List.copyOf(seeds);
    prompts = Map.copyOf(prompts);
  }

  public boolean closeRound() {
    return wish.closeRound();
  }

  public boolean retryRejected() {
    return wish.retryRejected();
  }

  /** The fencing number of this invocation's lock: every commit carries it. */
  public long epoch() {
    return lock.epoch();
  }

  /** Gives the following Spark jobs a readable name in the Spark UI. */
  public void job(String name) {
    spark.sparkContext().setJobDescription("cria: " + name);
  }

  /**
   * @throws CriaException with {@link ExitCode#STOPPED} when somebody asked to stop, with {@link
   *     ExitCode#RUN_REFUSED} when the lock was lost
   */
  public void checkpoint() {
    lock.requireHeld();
    if (stopAsked.getAsBoolean()) {
      throw new CriaException(
          ExitCode.STOPPED,
          run.root()
              + ": stopped on request; every paid answer is kept: give the same command to go on");
    }
  }
}
