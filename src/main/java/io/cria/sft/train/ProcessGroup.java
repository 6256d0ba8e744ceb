package io.cria.sft.train;

import java.util.Collection;
import org.bytedeco.pytorch.Tensor;

/**
 * The ranks that train one model together. Each computes its share of a global batch; gradients are
 * summed.
 */
public interface ProcessGroup {
  /** This process alone. */
  ProcessGroup ALONE =
      new ProcessGroup() {
        @Override
        public int rank() {
          return 0;
        }

        @Override
        public int size() {
          return 1;
        }

        @Override
        public void sum(Collection<Tensor> tensors) {
          // One rank's tensors are the sum already.
        }

        @Override
        public double[] sum(double... values) {
          return values;
        }
      };

  /** From 0. */
  int rank();

  int size();

  /**
   * Replaces each tensor by its sum over the ranks, in place; every rank gives the same shapes in
   * the same order.
   */
  void sum(Collection<Tensor> tensors);

  /** The values summed over the ranks. */
  double[] sum(double... values);
}
