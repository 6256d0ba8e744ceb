package io.cria.cli;

import io.cria.pipeline.Faults;
import io.cria.pipeline.Outcome;
import io.cria.pipeline.Sessions;
import io.cria.pipeline.StopRequest;
import io.cria.sft.BaseModel;
import io.cria.sft.SftRunFile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.train.TrainPlugin;
import io.cria.train.Training;
import io.cria.train.TrainingPlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria train RUN --name N --sft-conf C}. */
@Command(
    description = {
      "Fine-tunes a model on the shards of a run, on the ranks of a cluster: one task a rank, each"
          + " with a process of its own.",
      "Checkpoints and results go to RUN/training/NAME. Given again, it goes on from the last"
          + " checkpoint; a stop saves one first."
    },
    footer = {
      "",
      "Examples:",
      "  cria train runs/si --name tuned --sft-conf conf/sft-alpaca.yaml --base models/llama",
      "  cria train hdfs:///data/si --name lora --sft-conf sft.yaml --base hdfs:///models/llama \\",
      "    --ranks 4 --set training.epochs=1"
    })
final class TrainCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", description = "The run's directory, with shards.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the training is called; its results are in RUN/training/NAME.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String name;

  @Option(
      names = "--sft-conf",
      required = true,
      paramLabel = "CONF",
      description = "Run file of the fine-tuning, for example conf/sft-alpaca.yaml.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String sftConf;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description =
          "The model to tune, in place of the run file's: a directory or a GGUF file, on any file"
              + " system that Hadoop knows.")
  @Nullable String base;

  @Option(
      names = "--ranks",
      paramLabel = "K",
      description = "How many train together. Default: cluster.ranks, or as many as there is room.")
  @Nullable Integer ranks;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Any key of the run file, for example training.epochs=1. May be repeated.")
  List<String> settings = List.of();

  @Override
  ExitCode run() {
    if (ranks != null && ranks < 1) {
      throw CriaException.badInput("--ranks " + ranks + ": give at least 1");
    }
    SftRunFile file = SftOptions.read(sftConf, settings);
    String named = named(file);
    SparkSession spark =
        starting(() -> Sessions.open("train " + run + " " + name, TrainPlugin.class));
    TrainingPlace place = TrainingPlace.of(run, name, spark.sparkContext().hadoopConfiguration());
    StopRequest stop = new StopRequest(place.directory(), null, this::stopping);
    ExitCode code = ExitCode.FAULT;
    stop.install();
    try {
      Training.Outcome outcome =
          new Training(spark.sparkContext(), ConsoleProgress.on(err()), stop, Clock.systemUTC())
              .run(
                  new Training.Job(
                      place,
                      file,
                      sftConf,
                      located(named),
                      named,
                      ranks,
                      Outcome.thisInvocation()));
      code = outcome.code();
      report(place, outcome);
      return code;
    } catch (RuntimeException e) {
      code = Faults.told(e).exitCode();
      throw e;
    } finally {
      stop.end(code.code());
    }
  }

  private void stopping(boolean keyboard) {
    say(
        "stopping: at the next step, a checkpoint is saved first"
            + (keyboard ? "; Ctrl-C again leaves now" : ""));
  }

  /** The model as the user called it. */
  private String named(SftRunFile file) {
    if (base != null) {
      return base;
    }
    String ofFile = file.base();
    return ofFile != null && SftRunFile.isAddress(ofFile)
        ? ofFile
        : BaseModel.find(file, null).toString();
  }

  /** What lies on this machine's disk is meant so, whatever Hadoop's own file system is. */
  private static String located(String named) {
    return !SftRunFile.isAddress(named) && Files.exists(Path.of(named))
        ? "file:" + Path.of(named).toAbsolutePath().normalize()
        : named;
  }

  private void report(TrainingPlace place, Training.Outcome outcome) {
    boolean done = outcome.code() == ExitCode.DONE;
    out()
        .println(
            (done ? "trained " : "stopped ")
                + place.name()
                + " after "
                + outcome.steps()
                + " steps"
                + (outcome.worked() ? "" : ", before")
                + ": "
                + PlainPaths.in(place.directory().root()));
    if (!outcome.unfinished().isEmpty()) {
      out().println(outcome.unfinished());
    }
  }
}
