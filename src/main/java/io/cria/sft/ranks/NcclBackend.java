package io.cria.sft.ranks;

import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * Ranks that compute on GPUs. Only this class names NCCL, which only the natives for CUDA have: it
 * must not be loaded on other machines.
 */
final class NcclBackend {
  private NcclBackend() {}

  static Backend create(Store store, int rank, int size, Milliseconds timeout) {
    ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create();
    options.timeout(timeout);
    return new ProcessGroupNCCL(store, rank, size, options);
  }
}
