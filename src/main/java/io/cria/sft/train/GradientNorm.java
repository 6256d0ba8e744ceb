package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
    return of(each(parameters));
  }

  /** The norm over gradients that have these norms, in the parameters' order. */
  static double of(double[] norms) {
    double squares = 0;
    for (double norm : norms) {
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /** The norm of each parameter's gradient, 0 without one; read from the device at once. */
  static double[] each(Collection<Tensor> parameters) {
    double[] norms = new double[parameters.size()];
    return Scoped.withoutGradients(
        () -> {
          List<Integer> places = new ArrayList<>();
          TensorVector known = new TensorVector();
          int place = 0;
          for (Tensor parameter : parameters) {
            Tensor gradient = parameter.grad();
            if (gradient.defined()) {
              places.add(place);
              known.push_back(norm(gradient));
            }
            place++;
          }
          if (!places.isEmpty()) {
            float[] values = Tensors.toFloats(torch.stack(known));
            for (int i = 0; i < values.length; i++) {
              norms[places.get(i)] = values[i];
            }
          }
          return norms;
        });
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
