package io.cria.cli;

import io.cria.sft.TunedModel;
import io.cria.tokenizer.TemplateSource;
import java.nio.file.Path;
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

  TunedModel open() {
    return TunedModel.open(
        checkpoint,
        adapter,
        template == null ? null : TemplateSource.read(template, Path.of("")),
        null);
  }
}
