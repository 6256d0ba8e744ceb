package io.cria.cli;

import io.cria.sft.BaseName;
import io.cria.sft.CheckpointCard;
import io.cria.sft.ModelReadme;
import io.cria.sft.TaughtForm;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.train.LoraAdapter;
import io.cria.sft.train.LoraFiles;
import io.cria.shard.LocalDirectory;
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

  @Option(
      names = "--force",
      description = "Replace a model that is there already, once the new one is whole.")
  boolean force;

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
    ModelPaths.requireAdapter("--adapter", adapter);
    Path base = checkpoint == null ? CheckpointGenerator.baseOf(adapter) : checkpoint;
    ModelPaths.requireModel("--checkpoint", base);
    if (isSame(output, base) || isSame(output, adapter)) {
      throw CriaException.badInput(
          "merge: --output "
              + output
              + " is what is merged, and would be written over: give another directory");
    }
    ModelPaths.requireWritableModel(output, force);
    WeightsDirectory.doubt(base).ifPresent(this::say);
    Path place = output.toAbsolutePath().normalize();
    // an empty directory is filled, and not replaced: it may be a mount point
    boolean within = Files.isDirectory(place) && ModelPaths.isEmpty(place);
    Path partial =
        within
            ? place.resolve(ModelPaths.PARTIAL)
            : place.resolveSibling("." + place.getFileName() + ModelPaths.PARTIAL);
    try {
      LocalDirectory.delete(partial);
      merge(base, partial);
      if (within) {
        LocalDirectory.moveUp(partial, ModelConfigJson.FILE);
      } else {
        LocalDirectory.replace(partial, place);
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot write " + output + " (" + e.getMessage() + "): check the disk",
          e);
    } finally {
      remove(partial);
    }
    out().println(output);
    return ExitCode.DONE;
  }

  private static void remove(Path partial) {
    try {
      LocalDirectory.delete(partial);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, "cannot remove " + partial + " (" + e.getMessage() + "): remove it", e);
    }
  }

  private void merge(Path base, Path into) {
    ModelConfig config = ModelConfigJson.read(base);
    try (ModelWeights weights = ModelFiles.load(base, config);
        LoraAdapter added = LoraFiles.load(adapter, weights)) {
      ModelWeights merged = added.mergeInto(weights);
      ModelFiles.save(
          into,
          merged.fitted(config),
          merged,
          TensorType.F32,
          base,
          LoraFiles.tokenizerHome(adapter, base));
      CheckpointCard.copy(adapter, into);
      TaughtForm.bringTo(into);
      ModelReadme.write(into, BaseName.of(null, base.toAbsolutePath().normalize().toString()));
      CheckpointCard.seal(into);
    }
  }
}
