package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.Golden;
import io.cria.weights.Safetensors;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.TensorContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of the format before. */
final class OldCheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private Path train(String output) {
    Path place = directory.resolve(output);
    SftConfig config =
        JSON.convertValue(
            Map.of(
                "model",
                Golden.path("models/gqa_tied").toString(),
                "train",
                "rows in memory",
                "output",
                place.toString(),
                "epochs",
                2,
                "batchRows",
                4,
                "workers",
                1,
                "precision",
                "float32",
                "checkpointEverySteps",
                3),
            SftConfig.class);
    Trainer.Environment environment =
        new Trainer.Environment(System::nanoTime, () -> false, message -> {});
    BatchSource rows = BatchSource.inOrder(TrainerTest.rows(12, 1));
    try (Trainer trainer = new Trainer(config, rows, null, environment)) {
      trainer.run();
    }
    return place;
  }

  /** As it was written before: all moments in one file, beside a generator's state. */
  private static void makeOld(Path checkpoint) throws IOException {
    List<TensorContent> contents = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(checkpoint)) {
      files = all.filter(file -> file.getFileName().toString().startsWith("optimizer-")).toList();
    }
    for (Path path : files) {
      Safetensors file = Safetensors.open(path);
      file.names().forEach(name -> contents.add(TensorContent.of(file.tensor(name))));
    }
    SafetensorsWriter.write(checkpoint.resolve("optimizer.safetensors"), contents, Map.of());
    for (Path path : files) {
      Files.delete(path);
    }
    Path state = checkpoint.resolve(TrainerState.FILE);
    ObjectNode node = (ObjectNode) JSON.readTree(Files.readString(state));
    node.put("format", 1).remove(List.of("ranks", "optimizerFiles"));
    Files.writeString(state, node.toString());
  }

  @Test
  void aRunGoesOnFromIt() throws IOException {
    Path whole = train("whole");
    Path broken = train("broken");
    Path last = broken.resolve("checkpoints/step-00000006");
    try (Stream<Path> files = Files.list(last)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(last);
    makeOld(broken.resolve("checkpoints/step-00000003"));
    train("broken");
    assertThat(broken.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model/model.safetensors"));
    Optional<Path> checkpoint = new Checkpoints(broken, 2).latest();
    assertThat(checkpoint).contains(last);
    assertThat(TrainerState.read(last).format()).isEqualTo(2);
  }

  @Test
  void oneOfALaterFormatIsRefused() throws IOException {
    Path checkpoint = train("run").resolve("checkpoints/step-00000006");
    Path state = checkpoint.resolve(TrainerState.FILE);
    ObjectNode node = (ObjectNode) JSON.readTree(Files.readString(state));
    Files.writeString(state, node.put("format", 3).toString());
    assertThatThrownBy(() -> TrainerState.read(checkpoint))
        .hasMessage(
            state + " has format 3, this program reads 1 to 2: use the version that wrote it");
  }
}
