package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedTest {
  @TempDir Path folder;

  private final List<String> messages = new ArrayList<>();
  private Path training;
  private Published published;

  @BeforeEach
  void open() {
    training = folder.resolve("training");
    published = new Published(RunDirectory.at(training.toString(), new Configuration(false)), 3);
  }

  private Path checkpoint(String content) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("saved-" + content));
    Files.writeString(directory.resolve("weights"), content);
    Files.writeString(directory.resolve("trainer.json"), "{}");
    return directory;
  }

  @Test
  void asManyStayAsAreToBeKept() throws IOException {
    for (int step = 5; step <= 20; step += 5) {
      published.publish(step, checkpoint("at " + step), 2, () -> true);
    }
    assertThat(TrainingTest.names(training.resolve("checkpoints")))
        .containsExactly("step-00000015", "step-00000020");
    Published.Fetched fetched =
        published.fetchNewest(folder.resolve("here"), messages::add).orElseThrow();
    assertThat(fetched.name()).isEqualTo("step-00000020");
    assertThat(fetched.directory().resolve("weights")).hasContent("at 20");
    assertThat(messages).isEmpty();
  }

  @Test
  void whoNoLongerSpeaksForTheTrainingPublishesNothing() throws IOException {
    published.publish(5, checkpoint("five"), 2, () -> true);
    published.publish(10, checkpoint("ten"), 1, () -> false);
    assertThat(published.fetchNewest(folder.resolve("here"), messages::add).orElseThrow().name())
        .isEqualTo("step-00000005");
    published.sweep();
    assertThat(TrainingTest.names(training.resolve("checkpoints")))
        .containsExactly("step-00000005");
  }

  @Test
  void aBrokenOneIsRemovedAndDoesNotCountAmongThoseThatStay() throws IOException {
    published.publish(5, checkpoint("five"), 2, () -> true);
    published.publish(10, checkpoint("ten"), 2, () -> true);
    Files.writeString(training.resolve("checkpoints/step-00000010/weights"), "net");
    assertThat(published.fetchNewest(folder.resolve("here"), messages::add).orElseThrow().name())
        .isEqualTo("step-00000005");
    assertThat(messages).singleElement().asString().contains("step-00000010 is not whole");
    published.publish(7, checkpoint("seven"), 1, () -> true);
    assertThat(TrainingTest.names(training.resolve("checkpoints")))
        .containsExactly("step-00000007");
  }

  @Test
  void theSameOneIsNotWrittenAgain() throws IOException {
    published.publish(5, checkpoint("five"), 1, () -> true);
    Path weights = training.resolve("checkpoints/step-00000005/weights");
    Object first = Files.readAttributes(weights, "unix:ino").get("ino");
    published.publish(5, checkpoint("five"), 1, () -> true);
    assertThat(Files.readAttributes(weights, "unix:ino").get("ino")).isEqualTo(first);
    published.publish(5, checkpoint("another five"), 1, () -> true);
    assertThat(weights).hasContent("another five");
  }

  @Test
  void aLaterDriversCheckpointIsNotTouched() throws IOException {
    new Published(RunDirectory.at(training.toString(), new Configuration(false)), 4)
        .publish(5, checkpoint("later"), 1, () -> true);
    assertThatThrownBy(() -> published.publish(5, checkpoint("earlier"), 1, () -> true))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED));
    assertThat(training.resolve("checkpoints/step-00000005/weights")).hasContent("later");
  }
}
