package io.cria.cli;

import io.cria.sft.FineTuning;
import io.cria.sft.StopSignal;
import io.cria.sft.train.Trainer;
import io.cria.shard.FileExamples;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria train-local CONF --output DIR}. */
@Command(
    description = {
      "Fine-tunes a model on a dataset or on shards, on this machine and without Spark. Given again,",
      "it goes on from the last checkpoint; Ctrl-C saves one first. Results: DIR/model, and",
      "DIR/adapter for LoRA."
    },
    footer = {
      "",
      "Examples:",
      "  cria train-local conf/sft-quickstart.yaml --dataset alpaca.jsonl --output runs/tuned",
      "  cria train-local conf/sft-alpaca.yaml --base models/llama --shards runs/a/shards \\",
      "    --output runs/tuned --set training.epochs=1"
    })
final class TrainLocalCommand extends CriaCommand {
  @Mixin SftOptions options = new SftOptions();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Checkpoints, metrics and results.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path output;

  @Option(
      names = "--dataset",
      paramLabel = "FILE",
      description =
          "JSON or JSON lines of instructions (Alpaca), chats, pairs of prompt and completion, or ShareGPT's records; or a dataset's directory.")
  @Nullable Path dataset;

  @Option(
      names = "--shards",
      paramLabel = "DIR",
      description = "Shards of cria shards or cria stage shards, in place of a dataset.")
  @Nullable Path shards;

  @Option(
      names = "--resume",
      description = "Refuse to start from the beginning, when no checkpoint is there.")
  boolean resume;

  @Override
  ExitCode run() {
    StopSignal stop = StopSignal.install();
    ExitCode code = ExitCode.FAULT;
    try {
      Trainer.Outcome outcome = FineTuning.run(job(), environment(stop));
      code = FineTuning.exitCode(outcome);
      report(outcome);
      return code;
    } catch (CriaException e) {
      code = e.exitCode();
      throw e;
    } finally {
      stop.end(code.code());
    }
  }

  private FineTuning.Job job() {
    return new FineTuning.Job(
        options.runFile(),
        options.base,
        output,
        dataset == null ? null : FileExamples.in(dataset),
        shards,
        resume);
  }

  private Trainer.Environment environment(StopSignal stop) {
    return new Trainer.Environment(System::nanoTime, stop, this::say);
  }

  private void report(Trainer.Outcome outcome) {
    if (outcome.finished() && !Double.isNaN(outcome.firstEvaluationLoss())) {
      out()
          .println(
              String.format(
                  Locale.ROOT,
                  "evaluation loss  %.4f before, %.4f after %d steps",
                  outcome.firstEvaluationLoss(),
                  outcome.lastEvaluationLoss(),
                  outcome.steps()));
    }
    out()
        .println(
            (outcome.finished() ? "result           " : "stopped at       ") + outcome.result());
  }
}
