package io.cria.sft.train;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's fused update of AdamW: one pass over weights, gradients and both moments, all tensors
 * in one call. It has no Java binding, so a TorchScript function calls it.
 *
 * <p>A bfloat16 weight is widened, updated in float32 like the others, and rounded to one of its
 * two bfloat16 neighbours by chance, the nearer one the likelier, so that on average nothing is
 * lost (stochastic rounding; Gupta et al., arXiv 1502.02551). What it draws follows from the step
 * and the parameter's name alone.
 */
final class AdamKernel implements AutoCloseable {
  // The result must depend on the updated list, or the compiler would drop the call as dead code.
  private static final String SCRIPT =
      """
      def adamw(params: List[Tensor], grads: List[Tensor], firsts: List[Tensor], seconds: List[Tensor], steps: List[Tensor], lr: float, decay: float, beta1: float, beta2: float, eps: float):
          torch._fused_adamw_(params, grads, firsts, seconds, [], steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
          return params[0]

      def no_tensors():
          tensors: List[Tensor] = []
          return tensors
      """;

  /** The bits of a float32 number that a bfloat16 number has not. */
  private static final int LOST_BITS = 1 << 16;

  private final SftConfig.Optimizer settings;
  private final CompilationUnit unit;
  private final org.bytedeco.pytorch.Function kernel;
  private final org.bytedeco.pytorch.Function noTensors;

  /**
   * One parameter's part of a step.
   *
   * @param weight float32 or bfloat16
   * @param gradient of the weight's shape, float32
   */
  record Update(String name, Tensor weight, Tensor gradient, AdamW.Moments moments, double decay) {
    Update with(Tensor newWeight) {
      return new Update(name, newWeight, gradient, moments, decay);
    }
  }

  AdamKernel(SftConfig.Optimizer settings) {
    this.settings = settings;
    unit = torch.compile(SCRIPT);
    unit.retainReference();
    kernel = function("adamw");
    noTensors = function("no_tensors");
  }

  private org.bytedeco.pytorch.Function function(String name) {
    org.bytedeco.pytorch.Function function = unit.get_function(new QualifiedName(name));
    function.retainReference();
    return function;
  }

  /**
   * Changes weights and moments.
   *
   * @param steps updates with this one
   */
  void apply(List<Update> updates, int steps, double learningRate) {
    Map<Double, List<Update>> plain = new LinkedHashMap<>();
    for (Update update : updates) {
      if (update.weight().scalar_type().intern() == ScalarType.Float) {
        plain.computeIfAbsent(update.decay(), decay -> new ArrayList<>()).add(update);
      } else {
        Scoped.run(() -> applyRounded(update, steps, learningRate));
      }
    }
    plain.values().forEach(group -> Scoped.run(() -> applyPlain(group, steps, learningRate)));
  }

  private void applyRounded(Update update, int steps, double learningRate) {
    Tensor weight = update.weight();
    Tensor exact = weight.detach().to(ScalarType.Float);
    applyPlain(List.of(update.with(exact)), steps, learningRate);
    long seed = 31L * update.name().hashCode() + steps;
    Device.of(weight)
        .drawingFrom(
            seed,
            () -> {
              roundByChance(exact, weight.detach());
              return true;
            });
  }

  /**
   * Adds a drawn part of what the smaller type has no place for, and cuts the rest off.
   *
   * @param exact float32, overwritten
   */
  static void roundByChance(Tensor exact, Tensor rounded) {
    Tensor bits = exact.view(ScalarType.Int);
    Tensor drawn =
        torch.empty_like(bits).random_(0, new LongOptional(LOST_BITS), new GeneratorOptional());
    bits.add_(drawn).bitwise_and_(new Scalar(-LOST_BITS));
    rounded.copy_(exact);
  }

  private void applyPlain(List<Update> group, int steps, double learningRate) {
    Tensor step =
        torch.full(
            new long[0],
            new Scalar((double) steps),
            Device.of(group.get(0).weight()).options(ScalarType.Float));
    kernel.apply(
        new IValueVector(
            list(group, update -> update.weight().detach()),
            list(group, Update::gradient),
            list(group, update -> update.moments().first()),
            list(group, update -> update.moments().second()),
            list(group, update -> step),
            new IValue(learningRate),
            new IValue(group.get(0).decay()),
            new IValue((double) settings.beta1()),
            new IValue((double) settings.beta2()),
            new IValue((double) settings.epsilon())));
  }

  /** The type of a list of tensors has no constructor here: it is that of the script's. */
  private IValue list(List<Update> group, Function<Update, Tensor> part) {
    GenericList list = new GenericList(noTensors.apply(new IValueVector()).toList().elementType());
    group.forEach(update -> list.push_back(new IValue(part.apply(update))));
    return new IValue(list);
  }

  @Override
  public void close() {
    kernel.releaseReference();
    noTensors.releaseReference();
    unit.releaseReference();
  }
}
