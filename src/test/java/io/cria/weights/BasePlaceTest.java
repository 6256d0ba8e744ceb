package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BasePlaceTest {
  @TempDir Path folder;

  @Test
  void resultsAndCheckpointsOfATrainingFindItsBase() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("models/llama"));
    Path output = Files.createDirectories(folder.resolve("tuned"));
    BasePlace.write(output, elsewhere, "models/llama");
    for (String adapter : new String[] {"adapter", "checkpoints/step-1", "checkpoints/step-1/a"}) {
      Path directory = Files.createDirectories(output.resolve(adapter));
      assertThat(BasePlace.modelOf(directory)).hasValue(elsewhere);
      assertThat(BasePlace.sourceOf(directory)).hasValue("models/llama");
    }
    assertThat(BasePlace.modelOf(Files.createDirectories(folder.resolve("a/b")))).isEmpty();
  }

  @Test
  void aBaseInsideTheOutputGoesWithIt() throws IOException {
    Path output = Files.createDirectories(folder.resolve("tuned"));
    Files.createDirectories(output.resolve("base"));
    Files.createDirectories(output.resolve("adapter"));
    BasePlace.write(output, output.resolve("base"), "own.gguf");
    Path moved = folder.resolve("moved");
    Files.move(output, moved);
    assertThat(BasePlace.modelOf(moved.resolve("adapter"))).hasValue(moved.resolve("base"));
  }

  @Test
  void aBaseThatHasGoneIsNone() throws IOException {
    Path output = folder.resolve("tuned");
    Files.createDirectories(output.resolve("adapter"));
    Files.writeString(output.resolve(BasePlace.FILE), BasePlace.json(null, "hdfs://a/b"));
    assertThat(BasePlace.modelOf(output.resolve("adapter"))).isEmpty();
    assertThat(BasePlace.source(Files.readString(output.resolve(BasePlace.FILE))))
        .hasValue("hdfs://a/b");
    Files.writeString(output.resolve(BasePlace.FILE), "{");
    assertThatThrownBy(() -> BasePlace.modelOf(output.resolve("adapter")))
        .hasMessage(
            "cannot read "
                + output.resolve(BasePlace.FILE)
                + " as JSON: remove it, and name the model with --checkpoint");
  }
}
