package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is told of a worker that does not come up. */
class WorkerProcessTest {
  private static final Path GGUF = Path.of("/models/wool.gguf");
  private static final Path DIRECTORY = Path.of("/var/scratch/cria-worker-1");

  @Test
  void aKilledWorkerLacksMemoryAndItsModelIsNotBlamed() {
    assertThat(WorkerProcess.ended(GGUF, 137, "", DIRECTORY))
        .hasMessage(
            "the worker process was killed while loading the model, /models/wool.gguf (exit value"
                + " 137), as a system does that runs out of memory: give fewer --workers or a"
                + " smaller --context, or the machine or container more memory");
  }

  @Test
  void anotherEndIsToldWithItsWordsAndWhereToLook() {
    String remedy =
        "): give another GGUF file, or look whether java.io.tmpdir, /var/scratch, has room and lets"
            + " programs run: llama.cpp's library is unpacked there";

    assertThat(WorkerProcess.ended(GGUF, 134, "GGML_ASSERT failed", DIRECTORY))
        .hasMessage(
            "the worker process ended while loading the model, /models/wool.gguf (exit value 134;"
                + " GGML_ASSERT failed"
                + remedy);
    assertThat(WorkerProcess.ended(GGUF, null, "", DIRECTORY))
        .hasMessage(
            "the worker process ended while loading the model, /models/wool.gguf (without an exit"
                + " value, without a word"
                + remedy);
  }
}
