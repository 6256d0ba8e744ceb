package io.cria.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.CheckpointCard;
import io.cria.sft.generate.TokenRows;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.GgufVocabulary;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.weights.GgufExport;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cria export-gguf --checkpoint DIR --output FILE}. */
@Command(
    description = {
      "Writes a model's directory as one GGUF file that llama.cpp runs: weights, tokenizer, chat",
      "form. An adapter must be merged first."
    },
    footer = {
      "",
      "Examples:",
      "  cria export-gguf --checkpoint runs/tuned/model --output tuned.gguf",
      "  cria export-gguf --checkpoint runs/tuned/model --output tuned.gguf --type Q8_0 --force"
    })
final class ExportGgufCommand extends CriaCommand {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "The model's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path checkpoint;

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "The GGUF file.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Path output;

  @Option(
      names = "--type",
      defaultValue = "F32",
      paramLabel = "TYPE",
      description = "Of the matrices: F32, F16, Q8_0, Q4_1 or Q4_0 (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String type;

  @Option(
      names = "--name",
      paramLabel = "TEXT",
      description = "What the model is called. Default: its base's name, or its directory's.")
  @Nullable String name;

  @Option(
      names = "--license",
      paramLabel = "NAME",
      description =
          "Its licence, by the short name (apache-2.0, …) or in words. Default: what its training"
              + " stated.")
  @Nullable String license;

  @Option(names = "--force", description = "Replace a file that is there already, once whole.")
  boolean force;

  @Option(
      names = "--without-tokenizer",
      description = "Leave the tokenizer out: the file then takes token ids only.")
  boolean withoutTokenizer;

  @Override
  ExitCode run() {
    TensorType target = target(type);
    LicenseOption.require(license);
    ModelPaths.requireModel("--checkpoint", checkpoint);
    ModelPaths.requireWritable(output, force);
    Path file = checkpoint.resolve("config.json");
    JsonNode config;
    try {
      config = new ObjectMapper().readTree(Files.readString(file));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + ": give a model's directory; cria merge makes one of an adapter");
    }
    WeightsDirectory.doubt(checkpoint).ifPresent(this::say);
    GgufExport.write(
        output,
        about(),
        config,
        WeightsDirectory.open(checkpoint),
        target,
        vocabulary(config.path("vocab_size").asInt()));
    out().println(output);
    return ExitCode.DONE;
  }

  private static TensorType target(String word) {
    return GgufExport.targets().stream()
        .filter(target -> target.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                CriaException.badInput(
                    "--type "
                        + word
                        + ": matrices are written as "
                        + GgufExport.targets().stream()
                            .map(TensorType::name)
                            .collect(Collectors.joining(", "))
                        + ": choose one; llama-quantize makes the others of an F32 or F16 file"));
  }

  private GgufExport.About about() {
    String base = CheckpointCard.base(checkpoint).orElse(null);
    String stated = license == null ? CheckpointCard.terms(checkpoint).license() : license;
    return new GgufExport.About(name == null ? usualName(base) : name, stated, base);
  }

  /** A directory that is called model tells less than what the model was tuned from. */
  private String usualName(@Nullable String base) {
    Path last = checkpoint.toAbsolutePath().normalize().getFileName();
    String directory = last == null ? "model" : last.toString();
    return base != null && directory.equals("model")
        ? base.substring(base.lastIndexOf('/') + 1) + " tuned"
        : directory;
  }

  private Map<String, Object> vocabulary(int rows) {
    if (withoutTokenizer) {
      return Map.of();
    }
    try (ModelTokenizer tokenizer = ModelTokenizer.open(checkpoint)) {
      TokenRows.of(tokenizer, rows, checkpoint).requireComplete(checkpoint);
      return GgufVocabulary.metadata(tokenizer, rows);
    }
  }
}
