package io.cria.sft.model;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention under an explicit mask, in one call for all rows: the form for accelerators, and the
 * check of the packed one.
 */
public final class MaskedAttention implements Attention {
  private final Tensor allowed;

  /**
   * @param allowed (B,1,T,T) bool, or anything that broadcasts to it: whether the query's row sees
   *     the key's column
   */
  public MaskedAttention(Tensor allowed) {
    this.allowed = allowed;
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value) {
    return attend(query, key, value, allowed);
  }

  /**
   * @param query (B,T,H,D)
   * @param key (B,S,K,D)
   * @param value (B,S,K,D)
   * @param allowed broadcasts to (B,H,T,S)
   * @return (B,T,H*D)
   */
  static Tensor attend(Tensor query, Tensor key, Tensor value, Tensor allowed) {
    long[] shape = query.shape();
    long queriesPerGroup = shape[2] / key.size(2);
    Tensor out =
        torch.scaled_dot_product_attention(
            query.transpose(1, 2),
            repeat(key, queriesPerGroup),
            repeat(value, queriesPerGroup),
            new TensorOptional(allowed),
            0,
            false,
            new DoubleOptional(),
            false);
    return out.transpose(1, 2).reshape(shape[0], shape[1], shape[2] * shape[3]);
  }

  /** (B,S,K,D) to (B,H,S,D). */
  private static Tensor repeat(Tensor keyOrValue, long queriesPerGroup) {
    long[] shape = keyOrValue.shape();
    return keyOrValue
        .transpose(1, 2)
        .unsqueeze(2)
        .expand(shape[0], shape[2], queriesPerGroup, shape[1], shape[3])
        .reshape(shape[0], shape[2] * queriesPerGroup, shape[1], shape[3]);
  }
}
