package io.cria.sft.model;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.NativeErrors;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a {@link PackedKernel} by trying: heads of the model's shape go forth and back
 * through each candidate, and the first one wins whose output and gradients are those of attention
 * by segments.
 */
public final class KernelTrial {
  private static final int[] LENGTHS = {37, 1, 90};

  private KernelTrial() {}

  /**
   * A kernel and what was found.
   *
   * @param words names it and, where others were preferred, what they failed of
   */
  public record Choice(PackedKernel kernel, String words) {}

  /** The kernel for a model on a device. */
  public static Choice choose(ModelConfig config, Device device, ScalarType type) {
    return choose(
        PackedKernel.candidates(device, type), kernel -> fault(kernel, config, device, type));
  }

  /** What is wrong with a kernel; empty where it can be used. */
  interface Judge {
    String fault(PackedKernel kernel);
  }

  /** The last candidate is taken untried. */
  static Choice choose(List<PackedKernel> candidates, Judge judge) {
    List<String> faults = new ArrayList<>();
    for (PackedKernel kernel : candidates.subList(0, candidates.size() - 1)) {
      String fault = judge.fault(kernel);
      if (fault.isEmpty()) {
        return new Choice(kernel, described(kernel, faults));
      }
      faults.add(kernel.words() + ": " + fault);
    }
    PackedKernel last = candidates.get(candidates.size() - 1);
    return new Choice(last, described(last, faults));
  }

  private static String described(PackedKernel kernel, List<String> faults) {
    return kernel.words() + (faults.isEmpty() ? "" : " (" + String.join("; ", faults) + ")");
  }

  static String fault(PackedKernel kernel, ModelConfig config, Device device, ScalarType type) {
    try {
      @Nullable Integer window = config.slidingWindow() == null ? null : 20;
      double difference =
          Scoped.call(
              () -> {
                Heads heads = new Heads(config, device, type);
                List<Tensor> tried = heads.through(kernel, window);
                List<Tensor> expected = heads.through(PackedKernel.SEGMENTS, window);
                return difference(tried, expected);
              });
      double allowed = type == ScalarType.Float ? 1e-4 : 4e-2;
      return difference <= allowed
          ? ""
          : String.format(
              Locale.ROOT, "differs by %.1e where %.0e is allowed", difference, allowed);
    } catch (RuntimeException e) {
      return NativeErrors.firstLine(e);
    }
  }

  /** The largest difference as a share of the largest value; infinite where one is not a number. */
  private static double difference(List<Tensor> tried, List<Tensor> expected) {
    double worst = 0;
    for (int i = 0; i < tried.size(); i++) {
      float[] actual = Tensors.toFloats(tried.get(i));
      float[] reference = Tensors.toFloats(expected.get(i));
      double largest = 1e-6;
      double off = 0;
      for (int at = 0; at < reference.length; at++) {
        largest = Math.max(largest, Math.abs(reference[at]));
        double difference = Math.abs(actual[at] - reference[at]);
        off = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(off, difference);
      }
      worst = Math.max(worst, off / largest);
    }
    return worst;
  }

  /** Queries, keys and values of one packed row, and a gradient to send back. */
  private static final class Heads {
    private final Device device;
    private final List<Tensor> inputs; // (1,T,H,D), (1,T,K,D), (1,T,K,D)
    private final Tensor gradient; // (1,T,H*D)

    Heads(ModelConfig config, Device device, ScalarType type) {
      this.device = device;
      long tokens = java.util.Arrays.stream(LENGTHS).sum();
      long size = config.headDimension();
      inputs =
          List.of(
              values(type, tokens, config.heads(), size),
              values(type, tokens, config.keyValueHeads(), size),
              values(type, tokens, config.keyValueHeads(), size));
      gradient = values(type, tokens, config.heads() * size);
    }

    /** Waves of several lengths: nothing is drawn, so no random sequence is disturbed. */
    private Tensor values(ScalarType type, long... shape) {
      long[] whole = new long[shape.length + 1];
      whole[0] = 1;
      System.arraycopy(shape, 0, whole, 1, shape.length);
      int count = Math.toIntExact(java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b));
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (Math.sin(i * 0.7311 + shape.length) + Math.cos(i * 0.0173));
      }
      return device.put(Tensors.floats(values, whole), type);
    }

    List<Tensor> through(PackedKernel kernel, @Nullable Integer window) {
      List<Tensor> leaves =
          inputs.stream().map(input -> input.detach().clone().requires_grad_(true)).toList();
      Tensor out =
          kernel
              .over(LENGTHS, window, device)
              .attend(0, leaves.get(0), leaves.get(1), leaves.get(2));
      out.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
      List<Tensor> results = new ArrayList<>();
      results.add(out);
      leaves.forEach(leaf -> results.add(new Tensor(leaf.grad())));
      return results;
    }
  }
}
