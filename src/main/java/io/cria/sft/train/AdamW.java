package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101). Matrices decay;
 * vectors (norms and biases) do not.
 *
 * <p>The update of a tensor is libtorch's fused kernel: one pass over weight, gradient and both
 * moments. It has no Java binding, so a one-line TorchScript function calls it.
 *
 * <p>The optimizer updates the parameters it is given: a rank of a sharded run gives its share of
 * them, which may be none.
 */
public final class AdamW implements AutoCloseable {
  // The result must depend on the updated list, or the compiler would drop the call as dead code.
  private static final String SCRIPT =
      """
      def adamw(p: Tensor, g: Tensor, m: Tensor, v: Tensor, step: Tensor, lr: float, decay: float, beta1: float, beta2: float, eps: float):
          params = [p]
          torch._fused_adamw_(params, [g], [m], [v], [], [step], lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
          return params[0]
      """;

  private final SftConfig.Optimizer settings;
  private final Map<String, Tensor> parameters;
  private final Map<String, Moments> moments = new LinkedHashMap<>();
  private final CompilationUnit unit;
  private final Function kernel;
  private int steps;

  /**
   * Running means of a parameter's gradient and its square, of the parameter's shape, float32.
   *
   * @param first of the gradient
   * @param second of its square
   */
  public record Moments(Tensor first, Tensor second) {}

  /**
   * @param parameters by name; those without a gradient at a step keep their values
   */
  public AdamW(Map<String, Tensor> parameters, SftConfig.Optimizer settings) {
    this.settings = settings;
    this.parameters = new LinkedHashMap<>(parameters);
    parameters.forEach(
        (name, tensor) ->
            moments.put(
                name,
                new Moments(Scoped.keep(() -> moment(tensor)), Scoped.keep(() -> moment(tensor)))));
    unit = torch.compile(SCRIPT);
    unit.retainReference();
    kernel = unit.get_function(new QualifiedName("adamw"));
    kernel.retainReference();
  }

  /** A moment of a parameter before the first update. */
  static Tensor moment(Tensor parameter) {
    return torch.zeros_like(parameter.detach()).to(ScalarType.Float);
  }

  /** Updates made so far. */
  public int steps() {
    return steps;
  }

  /** The moments by parameter name; they are the optimizer's own tensors. */
  public Map<String, Moments> moments() {
    return moments;
  }

  /** Goes on after {@code updates} updates; the moments are to be filled by the caller. */
  void resumeAt(int updates) {
    steps = updates;
  }

  /**
   * One update from the gradients that the parameters hold.
   *
   * @param gradientFactor gradients are multiplied by it first (clipping)
   */
  public void step(double learningRate, double gradientFactor) {
    steps++;
    Scoped.withoutGradients(
        () -> {
          if (parameters.isEmpty()) {
            return true;
          }
          Tensor step =
              torch
                  .full(new long[0], new Scalar((double) steps))
                  .to(parameters.values().iterator().next().device(), ScalarType.Float);
          parameters.forEach(
              (name, parameter) -> update(name, parameter, step, learningRate, gradientFactor));
          return true;
        });
  }

  private void update(
      String name, Tensor parameter, Tensor step, double learningRate, double gradientFactor) {
    if (!parameter.grad().defined()) {
      return;
    }
    Moments state = java.util.Objects.requireNonNull(moments.get(name));
    double decay = parameter.dim() >= 2 ? settings.weightDecay() : 0;
    Scoped.run(
        () -> {
          Tensor gradient = new Tensor(parameter.grad());
          if (gradientFactor != 1) {
            gradient.mul_(new Scalar(gradientFactor));
          }
          IValueVector arguments =
              new IValueVector(
                  new IValue(parameter.detach()),
                  new IValue(gradient),
                  new IValue(state.first()),
                  new IValue(state.second()),
                  new IValue(step),
                  new IValue(learningRate),
                  new IValue(decay),
                  new IValue((double) settings.beta1()),
                  new IValue((double) settings.beta2()),
                  new IValue((double) settings.epsilon()));
          kernel.apply(arguments);
        });
  }

  /** Forgets the gradients of all parameters; the next backward pass allots new ones. */
  public void clearGradients() {
    Scoped.run(() -> parameters.values().forEach(parameter -> parameter.mutable_grad().reset()));
  }

  @Override
  public void close() {
    moments
        .values()
        .forEach(
            state -> {
              Tensors.release(state.first());
              Tensors.release(state.second());
            });
    kernel.releaseReference();
    unit.releaseReference();
  }
}
