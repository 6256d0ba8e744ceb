package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.train.GaveUp;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FaultsTest {
  private static CriaException told(Throwable cause) {
    return new CriaException(ExitCode.FAULT, "cannot go on", cause);
  }

  @Test
  void badLossesDoNotPass() {
    assertThat(Faults.mayPass(new GaveUp("6 steps in a row were skipped"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 2.00 GiB",
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
      })
  void tooLittleMemoryDoesNotPass(String message) {
    assertThat(Faults.mayPass(new IllegalStateException(message))).isFalse();
    assertThat(Faults.mayPass(told(new IllegalStateException(message)))).isFalse();
  }

  @Test
  void aHeapThatIsTooSmallDoesNotPass() {
    assertThat(Faults.mayPass(new OutOfMemoryError("Java heap space"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
  void aFullDiskDoesNotPass(String reason) {
    assertThat(Faults.mayPass(told(new IOException(reason)))).isFalse();
    assertThat(Faults.mayPass(told(new FileSystemException("model", null, reason)))).isFalse();
  }

  @Test
  void whateverElseMayPass() {
    assertThat(Faults.mayPass(told(new IOException("Connection reset by peer")))).isTrue();
    assertThat(Faults.mayPass(new IllegalStateException("index out of range"))).isTrue();
  }
}
