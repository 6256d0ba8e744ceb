package io.cria.sft.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer. It computes in its input's type: float32 master weights are rounded for a
 * bfloat16 input, and their gradient comes back as float32.
 *
 * @param weight (out, in)
 * @param bias (out), or null
 * @param adapter what is added to it, or null
 */
public record Linear(Tensor weight, @Nullable Tensor bias, @Nullable LowRank adapter) {
  /**
   * (…, in) to (…, out).
   *
   * @param training whether an adapter's dropout draws
   */
  Tensor apply(Tensor x, boolean training) {
    Tensor y =
        bias == null
            ? torch.linear(x, LowRank.like(weight, x))
            : torch.linear(x, LowRank.like(weight, x), new TensorOptional(LowRank.like(bias, x)));
    return adapter == null ? y : y.add(adapter.apply(x, training));
  }

  Linear with(@Nullable LowRank newAdapter) {
    return new Linear(weight, bias, newAdapter);
  }
}
