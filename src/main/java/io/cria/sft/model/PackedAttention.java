package io.cria.sft.model;

import io.cria.sft.natives.Device;
import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention inside each segment of one packed row (B = 1): what a block-diagonal mask says,
 * computed block by block, so that the empty blocks cost nothing. Right for CPUs, where a call is
 * cheap beside its work.
 *
 * <p>On CPUs it computes in float32 whatever the type of its inputs, and answers in theirs:
 * libtorch's attention there takes small bfloat16 products through a plain loop where it is built
 * without MKL, which makes it some twenty times slower than the same in float32.
 */
public final class PackedAttention implements Attention {
  private final long[] lengths;
  private final @Nullable Integer slidingWindow;

  /**
   * @param lengths tokens of each segment, in order; they add up to T
   * @param slidingWindow a token sees this many up to itself; null for all of its segment
   */
  public PackedAttention(int[] lengths, @Nullable Integer slidingWindow) {
    this.lengths = Arrays.stream(lengths).asLongStream().toArray();
    this.slidingWindow = slidingWindow;
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value) {
    long[] shape = query.shape(); // (1,T,H,D)
    long heads = shape[2];
    long groups = key.size(2); // K
    Device device = Device.of(query);
    ScalarType type = device.isCuda() ? query.scalar_type() : ScalarType.Float;
    TensorVector queries = split(query.to(type));
    TensorVector keys = split(key.to(type));
    TensorVector values = split(value.to(type));
    TensorVector outputs = new TensorVector();
    for (int s = 0; s < lengths.length; s++) {
      // Views only: group g holds the H/K query heads that share key-value head g. (K, H/K, n, D)
      Tensor q =
          queries.get(s).view(lengths[s], groups, heads / groups, shape[3]).permute(1, 2, 0, 3);
      Tensor k = shared(keys.get(s), heads / groups);
      Tensor v = shared(values.get(s), heads / groups);
      Tensor out = attendSegment(q, k, v, lengths[s], device);
      outputs.push_back(out.permute(2, 0, 1, 3)); // (n, K, H/K, D)
    }
    return torch.cat(outputs, 0).view(1, shape[1], heads * shape[3]).to(query.scalar_type());
  }

  private TensorVector split(Tensor heads) {
    return heads.squeeze(0).split_with_sizes(lengths, 0);
  }

  private static Tensor shared(Tensor keyOrValue, long queriesPerGroup) {
    Tensor groups = keyOrValue.permute(1, 0, 2).unsqueeze(1); // (K,1,n,D)
    long[] shape = groups.shape();
    return groups.expand(shape[0], queriesPerGroup, shape[2], shape[3]);
  }

  private Tensor attendSegment(Tensor q, Tensor k, Tensor v, long length, Device device) {
    if (slidingWindow == null || length <= slidingWindow) {
      return torch.scaled_dot_product_attention(
          q, k, v, new TensorOptional(), 0, true, new DoubleOptional(), false);
    }
    Tensor band = torch.ones(new long[] {length, length}, device.options(ScalarType.Bool)).tril();
    Tensor allowed = band.logical_and(band.triu(1L - slidingWindow));
    return torch.scaled_dot_product_attention(
        q, k, v, new TensorOptional(allowed), 0, false, new DoubleOptional(), false);
  }

  static Tensor range(long end, Device device) {
    return torch.arange(new Scalar(end), device.options(ScalarType.Long));
  }
}
