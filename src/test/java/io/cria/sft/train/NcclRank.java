package io.cria.sft.train;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * NCCL's process group of a single rank: that its library loads and a sum goes through it, which is
 * what a machine with one GPU can tell.
 */
final class NcclRank {
  private NcclRank() {}

  static String sum(Device device) {
    if (!device.isCuda()) {
      return "not here (no GPU)";
    }
    try {
      Path meeting = Files.createTempFile("cria-nccl", "");
      return Scoped.call(
          () -> {
            FileStore store = new FileStore(meeting.toString(), 1);
            ProcessGroupNCCL group = new ProcessGroupNCCL(store, 0, 1);
            Tensor values = device.put(Tensors.floats(new float[] {1, 2, 3}, 3));
            group.allreduce(new TensorVector(values))._wait();
            float[] sums = Tensors.toFloats(values);
            if (sums[0] != 1 || sums[1] != 2 || sums[2] != 3) {
              throw new IllegalStateException("the sum of one rank is " + sums[0] + ", not 1");
            }
            return "summed";
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
