package io.cria.sft.train;

import io.cria.sft.model.Linear;
import io.cria.sft.model.LowRank;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Low-rank additions to a model's linear layers (LoRA; Hu et al., arXiv 2106.09685), by the layers'
 * names.
 *
 * @param settings rank, alpha, dropout, targets
 * @param layers from layer name (as {@code model.layers.0.self_attn.q_proj}) to its addition
 * @param whole what it has in the place of the model's own weights
 */
public record LoraAdapter(SftConfig.Lora settings, Map<String, LowRank> layers, WholeWeights whole)
    implements AutoCloseable {
  public LoraAdapter {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /** One of additions alone. */
  LoraAdapter(SftConfig.Lora settings, Map<String, LowRank> layers) {
    this(settings, layers, WholeWeights.NONE);
  }

  /**
   * A new adapter that changes nothing yet: A uniform in ±1/sqrt(in) as PEFT draws it, B zero.
   *
   * @throws CriaException when a target is no linear layer of the model
   */
  public static LoraAdapter create(ModelWeights weights, SftConfig.Lora settings, long seed) {
    Set<String> targets = resolve(settings.targets(), weights);
    Map<String, LowRank> layers = new LinkedHashMap<>();
    weights.mapLinears(
        (name, linear) -> {
          if (targets.contains(lastPart(name))) {
            layers.put(
                name, draw(linear, settings, SeededRandom.of(seed, "lora", 0, layers.size())));
          }
          return linear;
        });
    return new LoraAdapter(settings, layers);
  }

  private static LowRank draw(Linear linear, SftConfig.Lora settings, SeededRandom random) {
    int out = Math.toIntExact(linear.weight().size(0));
    int in = Math.toIntExact(linear.weight().size(1));
    int rank = settings.rank();
    float[] a = new float[rank * in];
    double bound = 1 / Math.sqrt(in);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    Device device = Device.of(linear.weight());
    return new LowRank(
        Scoped.keep(() -> device.put(Tensors.floats(a, rank, in)).requires_grad_(true)),
        Scoped.keep(
            () ->
                device.put(Tensors.floats(new float[out * rank], out, rank)).requires_grad_(true)),
        settings.alpha() / rank,
        settings.dropout());
  }

  private static Set<String> resolve(List<String> targets, ModelWeights weights) {
    Set<String> linears = new TreeSet<>();
    weights.mapLinears(
        (name, linear) -> {
          linears.add(lastPart(name));
          return linear;
        });
    if (targets.equals(List.of(SftConfig.Lora.ALL_LINEAR))) {
      return linears;
    }
    for (String target : targets) {
      if (!linears.contains(target)) {
        throw CriaException.badInput(
            "lora target '"
                + target
                + "' does not exist (lora.targets): use all-linear or some of "
                + String.join(", ", linears));
      }
    }
    return Set.copyOf(targets);
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The weights with the adapter at its layers. */
  public ModelWeights attach(ModelWeights weights) {
    return whole
        .in(weights)
        .mapLinears((name, linear) -> new Linear(linear.weight(), linear.bias(), layers.get(name)));
  }

  /** The tensors by name: layer name and {@code .lora_A.weight} or {@code .lora_B.weight}. */
  public Map<String, Tensor> named() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    layers.forEach(
        (name, low) -> {
          named.put(name + ".lora_A.weight", low.a());
          named.put(name + ".lora_B.weight", low.b());
        });
    return named;
  }

  /** The same adapter with each tensor replaced. */
  LoraAdapter map(UnaryOperator<Tensor> change) {
    Map<String, LowRank> changed = new LinkedHashMap<>();
    layers.forEach(
        (name, low) ->
            changed.put(
                name,
                new LowRank(
                    change.apply(low.a()), change.apply(low.b()), low.scale(), low.dropout())));
    return new LoraAdapter(settings, changed, whole);
  }

  /**
   * Adds the adapter into the weights themselves: W becomes W + scale * B A.
   *
   * @return the merged model: these weights, and the adapter's own where it has whole ones; it is
   *     closed by closing both
   */
  public ModelWeights mergeInto(ModelWeights weights) {
    Scoped.withoutGradients(
        () -> {
          weights.mapLinears(
              (name, linear) -> {
                LowRank low = layers.get(name);
                if (low != null) {
                  linear
                      .weight()
                      .detach()
                      .add_(Device.of(linear.weight()).put(low.delta()), new Scalar(1.0));
                }
                return linear;
              });
          return true;
        });
    return whole.in(weights);
  }

  @Override
  public void close() {
    whole.close();
    named().values().forEach(Tensors::release);
  }
}
