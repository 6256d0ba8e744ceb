package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cria.llm.fake.ScriptedServer;
import io.cria.run.RunProgress;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.testing.FullDisk;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run on a disk that fills up at any moment: told in one line, and gone on with to the same
 * bytes.
 */
class FullDiskRunTest {
  @TempDir Path folder;

  @BeforeEach
  void mount() {
    FullDisk.in(LocalSpark.session().sparkContext().hadoopConfiguration());
  }

  @AfterEach
  void makeRoom() {
    FullDisk.room(Long.MAX_VALUE);
  }

  @Test
  void itIsToldAsWhatItIsWhereverItHappensAndTheSameCommandGoesOn() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line("run", server);
      RunInputs inputs = run.inputs();
      Runner runner =
          new Runner(
              LocalSpark.session(),
              FullDisk.at(run.directory()),
              RunProgress.silent(),
              Clock.systemUTC());
      for (long room : new long[] {3_000, 60_000}) {
        FullDisk.room(room);
        CriaException told = catchThrowableOfType(CriaException.class, () -> runner.runAll(inputs));
        assertThat(told).as("with room for %d bytes more", room).isInstanceOf(NoRoom.class);
        assertThat(told.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(told.getMessage())
            .startsWith("no room (No space left on device), viewfs:" + run.directory())
            .hasLineCount(1);
        // there was no room to give the run back, and this process lives on
        runner.directory().delete("_lock");
      }
      FullDisk.room(Long.MAX_VALUE);
      runner.runAll(inputs);
      assertThat(run.status().exitCode()).isZero();
      assertThat(run.lines("dataset/alpaca.jsonl")).hasSizeGreaterThanOrEqualTo(10);
    }
  }

  private LineRun line(String name, ScriptedServer server) {
    return LineRun.of(folder.resolve(name), "alpaca", server.baseUrl())
        .with("target", "10")
        .with("report", "false");
  }
}
