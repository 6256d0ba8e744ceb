package io.cria.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
      "  cria export-gguf --checkpoint runs/tuned/model --output tuned.gguf --type Q8_0"
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
      description = "Of the matrices: F32, F16 or Q8_0 (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  TensorType type;

  @Option(
      names = "--without-tokenizer",
      description = "Leave the tokenizer out: the file then takes token ids only.")
  boolean withoutTokenizer;

  @Override
  ExitCode run() {
    Path file = checkpoint.resolve("config.json");
    JsonNode config;
    try {
      config = new ObjectMapper().readTree(Files.readString(file));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + ": give a model's directory; cria merge makes one of an adapter");
    }
    WeightsDirectory.doubt(checkpoint).ifPresent(this::say);
    Path name = checkpoint.toAbsolutePath().normalize().getFileName();
    GgufExport.write(
        output,
        name == null ? "model" : name.toString(),
        config,
        WeightsDirectory.open(checkpoint),
        type,
        vocabulary(config.path("vocab_size").asInt()));
    out().println(output);
    return ExitCode.DONE;
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
