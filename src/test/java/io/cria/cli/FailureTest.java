package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void ourExceptionSpeaksFromBehindSparksWrappers() {
    Throwable thrown =
        new ExecutionException(
            new SparkException(
                "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times\n\tat x",
                new CriaException(
                    ExitCode.ENDPOINT, "wrong key, http://127.0.0.1:1/v1:\n set it")));
    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure("wrong key, http://127.0.0.1:1/v1: set it", ExitCode.ENDPOINT));
  }

  @Test
  void aTerminalObeysNothingOfAServersWords() {
    assertThat(Failure.of(new CriaException(ExitCode.ENDPOINT, "503, \u001b[2Jbusy")).line())
        .isEqualTo("503, ␛[2Jbusy");
  }

  @Test
  void anythingElseIsAFaultOfCriaInPlainWords() {
    assertThat(Failure.of(new IllegalStateException("the pool is empty\nand more")))
        .isEqualTo(
            new Failure(
                "fault of Cria: IllegalStateException: the pool is empty; --verbose shows the"
                    + " trace",
                ExitCode.FAULT));
    assertThat(
            Failure.of(
                    new UncheckedIOException("segment-1 cannot be read", new IOException("gone")))
                .line())
        .startsWith("fault of Cria: segment-1 cannot be read (IOException: gone);");
  }

  @Test
  void aCauseThatPointsAtItselfEnds() {
    IllegalStateException outer = new IllegalStateException("outer");
    outer.initCause(new IllegalStateException("inner", outer));
    assertThat(Failure.of(outer).line()).contains("outer (IllegalStateException: inner)");
  }

  @Test
  void outOfMemoryNamesTheRemedy() {
    assertThat(
            Failure.of(new IllegalStateException(new OutOfMemoryError("Java heap space"))).line())
        .contains("out of memory (Java heap space): give more with CRIA_HEAP");
  }

  @Test
  void aMissingClassNamesTheLauncher() {
    assertThat(Failure.of(new NoClassDefFoundError("org/apache/spark/sql/SparkSession")).line())
        .contains("org/apache/spark/sql/SparkSession")
        .contains("scripts/cria");
  }
}
