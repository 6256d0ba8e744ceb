package io.cria.sft.train;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.Collection;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The L2 norm over all gradients together, and clipping by it. */
final class GradientNorm {
  private GradientNorm() {}

  /** The norm over the gradients of all parameters that have one; NaN or infinite as they are. */
  static double of(Collection<Tensor> parameters) {
    return Scoped.withoutGradients(() -> of(Tensors.toDoubles(each(parameters))));
  }

  /** The norm over gradients that have these norms, in the parameters' order. */
  static double of(double[] norms) {
    double squares = 0;
    for (double norm : norms) {
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /**
   * The norm of each parameter's gradient, 0 without one: float64, one dimension, on the device,
   * which is not waited for.
   */
  static Tensor each(Collection<Tensor> parameters) {
    TensorVector norms = new TensorVector();
    for (Tensor parameter : parameters) {
      Tensor gradient = parameter.grad();
      norms.push_back(
          gradient.defined()
              ? norm(gradient)
              : torch.zeros(new long[0], Device.of(parameter).options(ScalarType.Float)));
    }
    return torch.stack(norms).to(ScalarType.Double);
  }

  private static Tensor norm(Tensor gradient) {
    return torch.linalg_vector_norm(
        gradient.view(-1),
        new Scalar(2.0),
        new long[] {0},
        false,
        new ScalarTypeOptional(ScalarType.Float));
  }

  /**
   * The factor that brings gradients of that norm to at most {@code limit}; 1 for a limit of 0,
   * which is none.
   */
  static double clipFactor(double norm, double limit) {
    return limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1;
  }
}
