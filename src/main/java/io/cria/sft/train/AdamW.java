package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101). Matrices decay;
 * vectors (norms and biases) do not.
 *
 * <p>The optimizer updates the parameters it is given: a rank of a sharded run gives its share of
 * them, which may be none.
 */
public final class AdamW implements AutoCloseable {
  private final SftConfig.Optimizer settings;
  private final Map<String, Tensor> parameters;
  private final Map<String, Moments> moments = new LinkedHashMap<>();
  private final AdamKernel kernel;
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
    kernel = new AdamKernel(settings);
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
          List<AdamKernel.Update> updates = new ArrayList<>();
          parameters.forEach(
              (name, parameter) -> {
                if (parameter.grad().defined()) {
                  updates.add(update(name, parameter, gradientFactor));
                }
              });
          kernel.apply(updates, steps, learningRate);
          return true;
        });
  }

  private AdamKernel.Update update(String name, Tensor parameter, double gradientFactor) {
    Tensor gradient = Backpropagation.gradientOf(parameter);
    if (gradientFactor != 1) {
      gradient.mul_(new Scalar(gradientFactor));
    }
    return new AdamKernel.Update(
        name,
        parameter,
        gradient,
        Objects.requireNonNull(moments.get(name)),
        parameter.dim() >= 2 ? settings.weightDecay() : 0);
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
    kernel.close();
  }
}
