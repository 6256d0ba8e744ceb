package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines between a rank's process and its parent. */
final class RankLinesTest {
  @Test
  void eventsAreReadAsTheyWereWritten() throws IOException {
    List<RankEvent> events =
        List.of(
            new RankEvent.Ready(0, "2.10.0", "cpu", 4711, 4712),
            new RankEvent.Message("step 3/100 \"loss\" 2.5"),
            new RankEvent.Metrics(new ObjectMapper().readTree("{\"step\":3,\"loss\":null}")),
            new RankEvent.Checkpoint(100, "/out/checkpoints/step-00000100"),
            new RankEvent.End(0, true, 12, 20, "", -1, true, 3.5, 2.5));
    for (RankEvent event : events) {
      assertThat(event.toLine()).doesNotContain("\n");
      assertThat(RankEvent.read(event.toLine())).contains(event);
    }
    assertThat(new RankEvent.Ready(1, "2.10.0", "cpu", null, null).toLine())
        .isEqualTo("{\"event\":\"ready\",\"rank\":1,\"torch\":\"2.10.0\",\"device\":\"cpu\"}");
    String line =
        "{\"event\":\"end\",\"code\":1,\"finished\":false,\"steps\":4,\"totalSteps\":9,"
            + "\"message\":\"\",\"lost\":2,\"again\":false}";
    RankEvent end = new RankEvent.End(1, false, 4, 9, "", 2, false, null, null);
    assertThat(end.toLine()).isEqualTo(line);
    assertThat(RankEvent.read(line)).contains(end);
    assertThat(RankEvent.read(line.replace(",\"again\":false", "")))
        .contains(new RankEvent.End(1, false, 4, 9, "", 2, true, null, null));
  }

  @Test
  void whatLibrariesPrintBetweenIsNoEvent() {
    assertThat(RankEvent.read("[Gloo] Rank 0 is connected to 2 peer ranks.")).isEmpty();
    assertThat(RankEvent.read("{\"event\":\"cut off")).isEmpty();
    assertThat(RankEvent.read("")).isEmpty();
  }

  @Test
  void commandsAreReadAsTheyWereWritten() {
    List<RankCommand> commands =
        List.of(
            new RankCommand.Go("10.0.0.5", 41001, 41002, List.of("10.0.0.5", "10.0.0.6")),
            new RankCommand.Kept(100),
            new RankCommand.Stop());
    for (RankCommand command : commands) {
      assertThat(RankCommand.read(command.toLine())).isEqualTo(command);
    }
    assertThat(new RankCommand.Stop().toLine()).isEqualTo("{\"command\":\"stop\"}");
    assertThatThrownBy(() -> RankCommand.read("go"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no command of a rank: go");
  }

  @Test
  void aJobIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
    RankJob job =
        new RankJob(
            "sft.yaml",
            Map.of("training.maxSteps", "3"),
            "model",
            "org/model",
            "shards",
            "out",
            1,
            2,
            "10.0.0.6",
            null,
            null);
    assertThat(job.secondsToLoss()).isEqualTo(20);
    Path file = Files.writeString(folder.resolve("job.json"), job.json());
    assertThat(RankJob.read(file)).isEqualTo(job);
    Files.writeString(file, job.json().replace("\"rank\":1", "\"rank\":2"));
    assertThatThrownBy(() -> RankJob.read(file))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("cannot read the rank's job " + file + " (")
        .hasMessageContaining("rank 2 of 2");
  }
}
