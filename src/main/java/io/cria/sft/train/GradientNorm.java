package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import java.util.Collection;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The L2 norm over all gradients together, and clipping by it. */
final class GradientNorm {
  private GradientNorm() {}

  /**
   * The norm over the gradients of all parameters that have one; NaN or infinite when a gradient
   * is.
   */
  static double of(Collection<Tensor> parameters) {
    return Scoped.withoutGradients(
        () -> {
          double squares = 0;
          for (Tensor parameter : parameters) {
            Tensor gradient = parameter.grad();
            if (gradient.defined()) {
              double norm =
                  torch
                      .linalg_vector_norm(
                          gradient.view(-1),
                          new Scalar(2.0),
                          new long[] {0},
                          false,
                          new ScalarTypeOptional())
                      .item_double();
              squares += norm * norm;
            }
          }
          return Math.sqrt(squares);
        });
  }

  /**
   * The factor that brings gradients of that norm to at most {@code limit}; 1 for a limit of 0,
   * which is none.
   */
  static double clipFactor(double norm, double limit) {
    return limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1;
  }
}
