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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
    published = attempt("3-0");
  }

  private Published attempt(String name) {
    RunDirectory directory = RunDirectory.at(training.toString(), new Configuration(false));
    return new Published(directory, 3, name);
  }

  private Optional<String> fetchNewest() {
    return published.fetchNewest(folder.resolve("here"), () -> {}, messages::add);
  }

  private Path fetched(String name) {
    return folder.resolve("here").resolve(name).resolve("weights");
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
    assertThat(fetchNewest()).contains("step-00000020");
    assertThat(fetched("step-00000020")).hasContent("at 20");
    assertThat(messages).isEmpty();
  }

  @Test
  void whoNoLongerSpeaksForTheTrainingPublishesNothing() throws IOException {
    published.publish(5, checkpoint("five"), 2, () -> true);
    published.publish(10, checkpoint("ten"), 1, () -> false);
    assertThat(fetchNewest()).contains("step-00000005");
    published.sweep();
    assertThat(TrainingTest.names(training.resolve("checkpoints")))
        .containsExactly("step-00000005");
  }

  @Test
  void oneThatCannotBeReadIsSetAsideAndDoesNotCountAmongThoseThatStay() throws IOException {
    published.publish(5, checkpoint("five"), 2, () -> true);
    published.publish(10, checkpoint("ten"), 2, () -> true);
    Path weights = training.resolve("checkpoints/step-00000010/3-0/weights");
    Files.writeString(weights, "net");
    assertThat(fetchNewest()).contains("step-00000005");
    assertThat(fetched("step-00000010"))
        .as("nothing that a process would begin with")
        .doesNotExist();
    assertThat(messages)
        .singleElement()
        .asString()
        .contains("step-00000010 cannot be read", "unreadable-step-00000010.json");
    published.sweep();
    assertThat(weights).as("who misread may have been this host").exists();
    published.publish(7, checkpoint("seven"), 1, () -> true);
    assertThat(TrainingTest.names(training.resolve("checkpoints")))
        .containsExactly("step-00000007", "step-00000010");
  }

  @Test
  void whereNoneCanBeReadNothingIsTouched() throws IOException {
    assertThat(fetchNewest()).as("none was published").isEmpty();
    published.publish(5, checkpoint("five"), 1, () -> true);
    Path weights = training.resolve("checkpoints/step-00000005/3-0/weights");
    Files.writeString(weights, "evif");
    assertThatThrownBy(this::fetchNewest)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContainingAll("no checkpoint can be read", "its bytes are not those");
    Files.writeString(weights, "five");
    assertThat(fetchNewest()).contains("step-00000005");
    assertThat(messages).isEmpty();
  }

  @Test
  void fetchingEndsWhenNobodyWantsItAnyMore() throws IOException {
    published.publish(5, checkpoint("five"), 1, () -> true);
    Runnable unwanted =
        () -> {
          throw new CriaException(ExitCode.STOPPED, "stopped");
        };
    assertThatThrownBy(() -> published.fetchNewest(folder.resolve("here"), unwanted, messages::add))
        .hasMessage("stopped");
    assertThat(fetched("step-00000005")).doesNotExist();
  }

  @Test
  void theSameOneIsNotWrittenAgain() throws IOException {
    published.publish(5, checkpoint("five"), 1, () -> true);
    Path weights = training.resolve("checkpoints/step-00000005/3-0/weights");
    Object first = Files.readAttributes(weights, "unix:ino").get("ino");
    published.publish(5, checkpoint("five"), 1, () -> true);
    assertThat(Files.readAttributes(weights, "unix:ino").get("ino")).isEqualTo(first);
    attempt("3-1").publish(5, checkpoint("another five"), 1, () -> true);
    assertThat(fetchNewest()).contains("step-00000005");
    assertThat(fetched("step-00000005")).hasContent("another five");
    published.sweep();
    assertThat(TrainingTest.names(training.resolve("checkpoints/step-00000005")))
        .as("what no manifest names goes with the next driver")
        .containsExactly("3-1");
  }

  @Test
  void anAttemptThatWasGivenUpWritesOverNothingThatTheNextHasPublished() throws IOException {
    attempt("3-1").publish(5, checkpoint("next"), 1, () -> true);
    AtomicInteger asked = new AtomicInteger();
    published.publish(5, checkpoint("given up"), 1, () -> asked.incrementAndGet() < 3);
    assertThat(TrainingTest.names(training.resolve("checkpoints/step-00000005/3-0")))
        .as("it was told after its first file")
        .containsExactly("trainer.json");
    assertThat(fetchNewest()).contains("step-00000005");
    assertThat(fetched("step-00000005")).hasContent("next");
    assertThat(messages).isEmpty();
  }

  @Test
  void aLaterDriversCheckpointIsNotTouched() throws IOException {
    new Published(RunDirectory.at(training.toString(), new Configuration(false)), 4, "4-0")
        .publish(5, checkpoint("later"), 1, () -> true);
    assertThatThrownBy(() -> published.publish(5, checkpoint("earlier"), 1, () -> true))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED));
    assertThat(fetchNewest()).contains("step-00000005");
    assertThat(fetched("step-00000005")).hasContent("later");
  }
}
