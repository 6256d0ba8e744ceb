package io.cria.sft;

import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A whole model of a few hundred kilobytes with a tokenizer, and a dataset that it can learn. */
public final class TinyCheckpoint {
  private TinyCheckpoint() {}

  /** A model's directory; its tokenizer has no padding token, its embedding rows to spare. */
  public static Path create(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Golden.path("models/gqa_tied").resolve(file), directory.resolve(file));
    }
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      tokenizer.writeTo(directory);
    }
    return directory;
  }

  /** So many short examples, every third with an input, in Alpaca's format. */
  public static Path dataset(Path file, int count) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(
          "{\"instruction\": \"Say the "
              + i
              + ". thing.\", \"input\": \""
              + (i % 3 == 0 ? "thing" : "")
              + "\", \"output\": \"the thing the thing\"}");
    }
    return Files.write(file, lines);
  }

  /** A run file that trains that model for a moment. */
  public static Path runFile(Path file, Path template) throws IOException {
    Files.writeString(
        template,
        """
        withInput: "{instruction}|{input}:{output}{end}"
        withoutInput: "{instruction}:{output}{end}"
        """);
    return Files.writeString(
        file,
        """
        base: model
        template: %s
        shards: {contextLength: 256, evaluationShare: 0.2}
        training:
          lora: {rank: 4, alpha: 8, targets: [q_proj, v_proj, down_proj]}
          epochs: 16
          batchRows: 2
          microBatchTokens: 256
          workers: 1
          precision: float32
          optimizer: {learningRate: 1.0e-2}
          checkpointEverySteps: 5
        """
            .formatted(template.getFileName()));
  }
}
