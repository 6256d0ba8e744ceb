package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
  @TempDir Path folder;

  private final List<String> notes = new ArrayList<>();

  private Watch watch(Clock clock) {
    RunDirectory training =
        RunDirectory.at(folder.resolve("tuned").toString(), new Configuration(false));
    return new Watch(training, "tuned", "", new ShardedRun.Notes(notes), clock);
  }

  @Test
  void progressThatCannotBeWrittenIsNotedOnceAndWrittenLater() throws IOException {
    // where the directory is to be, a file is
    Path inTheWay = Files.writeString(folder.resolve("tuned"), "");
    Instant[] now = {Instant.EPOCH.plus(Duration.ofDays(1))};
    Watch watch = watch(new Hands(now));
    try (Board board = Board.open("watched")) {
      watch.starting(2);
      now[0] = now[0].plusSeconds(10);
      watch.take(board);
      assertThat(notes).singleElement().asString().startsWith("status.json falls behind: ");
      Files.delete(inTheWay);
      now[0] = now[0].plusSeconds(10);
      watch.take(board);
    }
    assertThat(folder.resolve("tuned/status.json")).content().contains("\"ranks\" : 2");
  }

  @Test
  void anEndThatCannotBeToldIsAFailure() throws IOException {
    Files.writeString(folder.resolve("tuned"), "");
    assertThatThrownBy(() -> watch(Clock.systemUTC()).ended(ExitCode.DONE, ""))
        .isInstanceOf(CriaException.class);
  }

  /** Tells the time that was set. */
  private static final class Hands extends Clock {
    private final Instant[] now;

    Hands(Instant[] now) {
      this.now = now;
    }

    @Override
    public Instant instant() {
      return now[0];
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("all times are UTC");
    }
  }
}
