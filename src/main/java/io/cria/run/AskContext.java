package io.cria.run;

import io.cria.config.AskConfig;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * What one invocation on a directory with requests, ledger and answers works with: a run of the
 * line ({@link RunContext}), or what is asked beside it ({@link BesideContext}).
 */
public interface AskContext {
  /** Written into a run by whoever asks it to stop from outside. */
  String STOP_FILE = "_stop";

  SparkSession spark();

  /** The directory that what is asked and answered lies in. */
  RunDirectory run();

  /** Held by this driver. */
  RunLock lock();

  /** Which model, where, how hard it is driven, what may be spent. */
  AskConfig asking();

  /**
   * Where the model answers; asked for when there is something to send, because asking may start
   * the embedded model.
   */
  Supplier<String> baseUrl();

  /** Hash of the directory's identity. */
  String identity();

  /** Text of the price list; empty when there is none. */
  String prices();

  /** Tells how far it is. */
  RunProgress progress();

  /** Whether somebody asked to stop. */
  StopAsked stopAsked();

  /** What this invocation is to do beside going on. */
  Wish wish();

  default boolean closeRound() {
    return wish().closeRound();
  }

  /** What a round that is closed leads to, in words that end a sentence. */
  default String closed() {
    return "go on with what is answered";
  }

  default boolean retryRejected() {
    return wish().retryRejected();
  }

  /** The fencing number of this invocation's lock: every commit carries it. */
  default long epoch() {
    return lock().epoch();
  }

  /** Gives the following Spark jobs a readable name in the Spark UI. */
  default void job(String name) {
    spark().sparkContext().setJobDescription("cria: " + name);
  }

  /**
   * @throws CriaException with {@link ExitCode#STOPPED} when somebody asked to stop, with {@link
   *     ExitCode#RUN_REFUSED} when the lock was lost
   */
  default void checkpoint() {
    lock().requireHeld();
    if (stopAsked().getAsBoolean()) {
      throw new CriaException(
          ExitCode.STOPPED,
          run().root()
              + ": stopped on request; every paid answer is kept: give the same command to go on");
    }
  }
}
