package io.cria.sft.natives;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How fast this machine multiplies matrices: what a training step's speed is to be held against. */
public final class MatrixRate {
  private MatrixRate() {}

  /**
   * The best rate of a few products (rows, inner) by (inner, columns), in floating-point operations per second of one calling
   * thread's wall time.
   */
  public static double measure(ScalarType type, int rows, int inner, int columns, int repeats) {
    Natives.load();
    return Scoped.withoutGradients(
        () -> {
          Tensor x = torch.randn(rows, inner).to(type);
          Tensor w = torch.randn(columns, inner).to(type);
          long best = Long.MAX_VALUE;
          for (int i = 0; i <= repeats; i++) {
            long start = System.nanoTime();
            Scoped.run(() -> torch.linear(x, w));
            best = i == 0 ? best : Math.min(best, System.nanoTime() - start);
          }
          return 2.0 * rows * inner * columns / (best / 1e9);
        });
  }
}
