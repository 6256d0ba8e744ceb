package io.cria.sft;

import io.cria.config.ConfigReader;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.train.BatchSource;
import io.cria.sft.train.SftConfig;
import io.cria.sft.train.ShardBatchSource;
import io.cria.sft.train.Trainer;
import io.cria.shard.ShardSet;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tuning on one machine, without Spark: {@code java -cp … io.cria.sft.Main CONF [--set key=value]… [--verbose]}. The
 * environment must set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1: the engine uses the cores by its own workers.
 *
 * <p>Exit codes: 0 done, 2 bad input, 3 stopped on request (start again to resume), 6 the output is of another configuration, 1
 * any other fault.
 */
public final class Main {
  private static final String USAGE = "usage: train-local CONF [--set key=value]... [--verbose]";
  private static final int STOP_SECONDS = 120;

  private Main() {}

  public static void main(String[] arguments) {
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    // A signal in the middle of native code may crash: the loop is asked to stop, saves, and only then the process ends.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.set(true);
                  try {
                    if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                      System.err.println("cria: the step did not end within " + STOP_SECONDS + " s of the signal: its work is lost");
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "stop-request"));
    int code = run(arguments, System.out, System.err, stop);
    ended.countDown();
    Runtime.getRuntime().halt(flushed(code));
  }

  private static int flushed(int code) {
    System.out.flush();
    System.err.flush();
    return code;
  }

  /**
   * The command without its process: returns the exit code.
   *
   * @param stop turns true when the run is to stop soon, resumable
   */
  public static int run(String[] arguments, PrintStream out, PrintStream err, AtomicBoolean stop) {
    boolean verbose = false;
    try {
      Arguments parsed = Arguments.parse(arguments);
      verbose = parsed.verbose;
      SftConfig config = ConfigReader.read(parsed.file, SftConfig.class, parsed.overrides);
      Trainer.Outcome outcome =
          train(config, new Trainer.Environment(System::nanoTime, stop::get, out::println));
      out.println((outcome.finished() ? "done: " : "stopped: ") + outcome.result());
      return outcome.finished() ? ExitCode.DONE.code() : ExitCode.STOPPED.code();
    } catch (CriaException e) {
      err.println("cria: " + e.getMessage());
      if (verbose) {
        e.printStackTrace(err);
      }
      return e.exitCode().code();
    }
  }

  /**
   * Trains as {@code config} says, on shards made with the model's own tokenizer.
   *
   * @throws CriaException when the input does not fit, or training fails
   */
  public static Trainer.Outcome train(SftConfig config, Trainer.Environment environment) {
    Path model = Path.of(config.model());
    ModelConfig modelConfig = ModelConfigJson.read(model);
    String hash;
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      hash = tokenizer.hash();
    }
    ShardSet rows = shards(config.train(), hash, modelConfig);
    String heldOut = config.evaluation();
    @Nullable BatchSource evaluation =
        heldOut == null ? null : ShardBatchSource.inOrder(shards(heldOut, hash, modelConfig));
    try (Trainer trainer =
        new Trainer(config, ShardBatchSource.shuffled(rows, config.seed()), evaluation, environment)) {
      return trainer.run();
    }
  }

  private static ShardSet shards(String directory, String tokenizerHash, ModelConfig model) {
    ShardSet shards = ShardSet.open(Path.of(directory));
    shards.requireMadeFor(tokenizerHash, model.contextLength());
    return shards;
  }

  private record Arguments(Path file, Map<String, String> overrides, boolean verbose) {
    static Arguments parse(String[] arguments) {
      @Nullable Path file = null;
      Map<String, String> overrides = new LinkedHashMap<>();
      boolean verbose = false;
      for (int i = 0; i < arguments.length; i++) {
        String argument = arguments[i];
        if (argument.equals("--verbose")) {
          verbose = true;
        } else if (argument.equals("--set") && i + 1 < arguments.length && arguments[i + 1].indexOf('=') > 0) {
          String pair = arguments[++i];
          overrides.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        } else if (file == null && !argument.startsWith("-")) {
          file = Path.of(argument);
        } else {
          throw CriaException.badInput("unknown argument '" + argument + "': " + USAGE);
        }
      }
      if (file == null) {
        throw CriaException.badInput("the configuration is missing: " + USAGE);
      }
      return new Arguments(file, overrides, verbose);
    }
  }
}
