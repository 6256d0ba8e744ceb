package io.cria.sft.natives;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How fast this machine multiplies matrices: what a training step's speed is to be held against.
 */
public final class MatrixRate {
  private MatrixRate() {}

  /**
   * The best rate of a few products (rows, inner) by (inner, columns), in floating-point operations
   * per second of the calling thread's processor time: what else runs on the machine hardly changes
   * it.
   */
  public static double measure(ScalarType type, int rows, int inner, int columns, int repeats) {
    Natives.load();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Scoped.withoutGradients(
        () -> {
          Tensor x = torch.randn(rows, inner).to(type);
          Tensor w = torch.randn(columns, inner).to(type);
          long best = Long.MAX_VALUE;
          for (int i = 0; i <= repeats; i++) {
            long start = threads.getCurrentThreadCpuTime();
            Scoped.run(() -> torch.linear(x, w));
            best = i == 0 ? best : Math.min(best, threads.getCurrentThreadCpuTime() - start);
          }
          return 2.0 * rows * inner * columns / (best / 1e9);
        });
  }
}
