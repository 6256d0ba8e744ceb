package io.cria.cli;

import io.cria.safety.WatermarkHook;
import io.cria.safety.WatermarkProfile;
import io.cria.sft.TunedModel;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.task.LogitsHook;
import io.cria.tokenizer.TemplateSource;
import io.cria.weights.WeightsDirectory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A checkpoint to ask, and in which layout. */
final class CheckpointOptions {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "A model's directory, or an adapter's.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path checkpoint;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A LoRA adapter to put on the checkpoint.")
  @Nullable Path adapter;

  @Option(
      names = "--template",
      paramLabel = "T",
      description =
          "chat for the model's own chat form, or a template file. Default: what it was taught.")
  @Nullable String template;

  @Option(
      names = "--watermark",
      paramLabel = "FILE",
      description = "Mark what is written, as this profile says (cria watermark new).")
  @Nullable Path watermark;

  /** The adapter's, or the checkpoint's own. */
  Path directory() {
    return adapter == null ? checkpoint : adapter;
  }

  /** What the model is called where nothing else is said. */
  String name() {
    return name(directory());
  }

  /** A training's model lies in a folder of that very name: the training's says more. */
  static String name(Path directory) {
    Path whole = directory.toAbsolutePath().normalize();
    boolean saysNothing = whole.endsWith("model") || whole.endsWith("adapter");
    // the root has no name
    return Optional.ofNullable(whole.getParent())
        .filter(training -> saysNothing)
        .map(Path::getFileName)
        .or(() -> Optional.ofNullable(whole.getFileName()))
        .map(Path::toString)
        .orElse("model");
  }

  /**
   * Opens it.
   *
   * @param messages gets what should be known of its files
   */
  TunedModel open(Consumer<String> messages) {
    ModelPaths.requireCheckpoint("--checkpoint", checkpoint);
    if (adapter != null) {
      ModelPaths.requireAdapter("--adapter", adapter);
    }
    WeightsDirectory.doubt(CheckpointGenerator.modelOf(checkpoint)).ifPresent(messages);
    return TunedModel.open(
        checkpoint,
        adapter,
        template == null ? null : TemplateSource.read(template, Path.of("")),
        watermark == null ? null : hook(watermark));
  }

  private static LogitsHook hook(Path profile) {
    WatermarkProfile.Opened opened = WatermarkProfile.open(profile);
    return new WatermarkHook(opened.watermark(), opened.vocabularySize());
  }
}
