package io.cria.sft;

import io.cria.sft.train.Trainer;
import io.cria.shard.FileExamples;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tuning on one machine without Spark and without the command line's library: {@code java -cp
 * … io.cria.sft.Main CONF --output DIR (--dataset FILE | --shards DIR) [--base MODEL] [--resume]
 * [--set key=value]… [--verbose]}; {@code cria train-local} is the same. The engine uses the cores
 * by its own workers: leave OMP_NUM_THREADS and OPENBLAS_NUM_THREADS unset, or at 1.
 *
 * <p>Exit codes: 0 done, 2 bad input, 3 stopped on request (start again to resume), 6 the output is
 * of another configuration, 1 any other fault.
 */
public final class Main {
  private static final String USAGE =
      "usage: CONF --output DIR (--dataset FILE | --shards DIR) [--base MODEL] [--resume] [--set"
          + " key=value]... [--verbose]";

  private Main() {}

  public static void main(String[] arguments) {
    StopSignal stop = StopSignal.install();
    int code = ExitCode.FAULT.code();
    try {
      code = run(arguments, System.out, System.err, stop);
    } finally {
      System.out.flush();
      System.err.flush();
      // the hook waits for this word, whatever came
      stop.end(code);
    }
    System.exit(code);
  }

  /**
   * The command without its process: returns the exit code.
   *
   * @param stop whether the run is to stop soon, resumable
   */
  public static int run(
      String[] arguments, PrintStream out, PrintStream err, BooleanSupplier stop) {
    boolean verbose = java.util.Arrays.asList(arguments).contains("--verbose");
    try {
      Trainer.Outcome outcome =
          FineTuning.run(
              Arguments.parse(arguments).job(),
              new Trainer.Environment(System::nanoTime, stop, err::println));
      out.println((outcome.finished() ? "done: " : "stopped: ") + outcome.result());
      return FineTuning.exitCode(outcome).code();
    } catch (CriaException e) {
      err.println("cria: " + e.getMessage());
      if (verbose) {
        e.printStackTrace(err);
      }
      return e.exitCode().code();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      err.println("cria: " + String.valueOf(e).lines().findFirst().orElse("") + " (see --verbose)");
      if (verbose) {
        e.printStackTrace(err);
      }
      return ExitCode.FAULT.code();
    }
  }

  private record Arguments(Map<String, String> options, Map<String, String> overrides) {
    private static final String CONF = "CONF";

    static Arguments parse(String[] arguments) {
      Map<String, String> options = new LinkedHashMap<>();
      Map<String, String> overrides = new LinkedHashMap<>();
      for (int i = 0; i < arguments.length; i++) {
        String argument = arguments[i];
        boolean hasValue = i + 1 < arguments.length;
        switch (argument) {
          case "--verbose", "--resume" -> options.put(argument, "");
          case "--output", "--dataset", "--shards", "--base" -> {
            require(hasValue, argument + " needs a value");
            options.put(argument, arguments[++i]);
          }
          case "--set" -> {
            require(hasValue && arguments[i + 1].indexOf('=') > 0, "--set needs key=value");
            String pair = arguments[++i];
            int at = pair.indexOf('=');
            overrides.put(pair.substring(0, at), pair.substring(at + 1));
          }
          default -> {
            require(
                !argument.startsWith("-") && !options.containsKey(CONF),
                "unknown argument '" + argument + "'");
            options.put(CONF, argument);
          }
        }
      }
      require(options.containsKey(CONF), "the run file is missing");
      require(options.containsKey("--output"), "--output is missing");
      return new Arguments(options, overrides);
    }

    private static void require(boolean holds, String what) {
      if (!holds) {
        throw CriaException.badInput(what + ": " + USAGE);
      }
    }

    FineTuning.Job job() {
      Path dataset = path("--dataset");
      return new FineTuning.Job(
          SftRunFile.read(options.getOrDefault(CONF, ""), overrides),
          path("--base"),
          Path.of(options.getOrDefault("--output", "")),
          dataset == null ? null : FileExamples.in(dataset),
          path("--shards"),
          options.containsKey("--resume"));
    }

    private @Nullable Path path(String option) {
      String value = options.get(option);
      return value == null ? null : Path.of(value);
    }
  }
}
