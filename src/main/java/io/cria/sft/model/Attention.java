package io.cria.sft.model;

import org.bytedeco.pytorch.Tensor;

/**
 * Which tokens see which, and how that is computed; one object serves all layers of a forward pass.
 */
public interface Attention {
  /**
   * Attention of every query head to its group's key-value head, scaled by 1/sqrt(D).
   *
   * @param layer the layer that asks, from 0
   * @param query (B,T,H,D), turned by position
   * @param key (B,T,K,D), turned by position
   * @param value (B,T,K,D)
   * @return (B,T,H*D)
   */
  Tensor attend(int layer, Tensor query, Tensor key, Tensor value);
}
