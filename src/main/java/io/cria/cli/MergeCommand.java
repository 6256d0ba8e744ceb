package io.cria.cli;

import io.cria.sft.CheckpointCard;
import io.cria.sft.TaughtForm;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.train.LoraAdapter;
import io.cria.sft.train.LoraFiles;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cria merge --adapter DIR --output DIR}. */
@Command(
    description = {
      "Adds a LoRA adapter into its model's weights and writes the model that results, in float32."
    },
    footer = {
      "",
      "Examples:",
      "  cria merge --adapter runs/tuned/adapter --output merged",
      "  cria merge --checkpoint models/llama --adapter adapter --output merged"
    })
final class MergeCommand extends CriaCommand {
  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "DIR",
      description = "The adapter, in PEFT's format.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path adapter;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "The model. Default: where the adapter says it lies.")
  @Nullable Path checkpoint;

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "The result.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path output;

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot look at " + one + " and " + other + " (" + e.getMessage() + "): check the paths");
    }
  }

  @Override
  ExitCode run() {
    Path base = checkpoint == null ? CheckpointGenerator.baseOf(adapter) : checkpoint;
    if (isSame(output, base) || isSame(output, adapter)) {
      throw CriaException.badInput(
          "merge: --output "
              + output
              + " is what is merged, and would be written over: give another directory");
    }
    WeightsDirectory.doubt(base).ifPresent(this::say);
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config);
        LoraAdapter added = LoraFiles.load(adapter, weights)) {
      ModelWeights merged = added.mergeInto(weights);
      ModelFiles.save(
          output,
          merged.fitted(config),
          merged,
          TensorType.F32,
          base,
          LoraFiles.tokenizerHome(adapter, base));
      CheckpointCard.copy(adapter, output);
      TaughtForm.bringTo(output);
    }
    out().println(output);
    return ExitCode.DONE;
  }
}
