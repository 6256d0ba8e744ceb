package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a pool of workers begins. */
class WorkerPoolTest {
  @Test
  @Timeout(60)
  void anErrorAtTheStartIsToldAndNotWaitedOut() {
    GgufChat chat = GgufChat.of(GgufHeader.read(Tiny.GGUF), Clock.systemUTC());

    assertThatThrownBy(
            () ->
                WorkerPool.start(
                    () -> {
                      throw new OutOfMemoryError("unable to create native thread");
                    },
                    Tiny.GGUF,
                    chat,
                    "tiny",
                    64,
                    2))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAULT))
        .hasMessage(
            "cannot start the workers, "
                + Tiny.GGUF
                + " (java.lang.OutOfMemoryError: unable to create native thread): give fewer"
                + " --workers, or allow this user more threads and memory (ulimit -a)");
  }
}
