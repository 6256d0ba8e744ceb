package io.cria.sft.model;

import io.cria.sft.natives.Device;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The computation of a LLaMA-family decoder over given weights. Holds no state and no tensors of
 * its own; every result belongs to the caller's PointerScope.
 *
 * <p>With {@code type} BFloat16 the linear layers compute in bfloat16 and the attention gets its
 * inputs so, while the residual stream, the norms and the weights stay float32 (as under autocast).
 */
public final class Decoder {
  private final ModelConfig config;
  private final ModelWeights weights;
  private final Rotary rotary;
  private final ScalarType type;
  private final Device device;
  private final PackedKernel kernel;

  public Decoder(ModelConfig config, ModelWeights weights, Rotary rotary, ScalarType type) {
    this(config, weights, rotary, type, PackedKernel.SEGMENTS);
  }

  /**
   * @param kernel what {@link #packed} computes with
   */
  public Decoder(
      ModelConfig config,
      ModelWeights weights,
      Rotary rotary,
      ScalarType type,
      PackedKernel kernel) {
    this.config = config;
    this.weights = weights;
    this.rotary = rotary;
    this.type = type;
    this.device = Device.of(weights.embedding());
    this.kernel = kernel;
  }

  public ModelConfig config() {
    return config;
  }

  public ModelWeights weights() {
    return weights;
  }

  /** Where the weights are, and what goes in must be. */
  public Device device() {
    return device;
  }

  /**
   * Attention inside the segments of one packed row (B = 1), for one forward pass.
   *
   * @param lengths tokens of each segment, in order; they add up to T
   */
  public Attention packed(int[] lengths) {
    return kernel.over(lengths, config.slidingWindow(), device);
  }

  /** In which type the linear layers compute: Float or BFloat16. */
  public ScalarType type() {
    return type;
  }

  /**
   * The whole decoder up to the head, without dropout.
   *
   * @param ids (B,T) int64
   * @param positions (B,T) int64, counted from 0 in each text
   * @return (B,T,C) float32, after the final norm
   */
  public Tensor hidden(Tensor ids, Tensor positions, Attention attention) {
    Rotary.Angles angles = angles(positions);
    Tensor x = embed(ids);
    for (int i = 0; i < weights.layers().size(); i++) {
      x = layer(i, x, angles, attention, false);
    }
    return finalNorm(x);
  }

  /** Cosines and sines for {@link #layer}. */
  public Rotary.Angles angles(Tensor positions) {
    return rotary.angles(positions, type);
  }

  /** (B,T) to (B,T,C) float32. */
  public Tensor embed(Tensor ids) {
    return torch.embedding(weights.embedding(), ids).to(ScalarType.Float);
  }

  /**
   * One layer: x + attention(norm(x)), then h + feedForward(norm(h)). (B,T,C) to (B,T,C).
   *
   * @param training whether dropout draws from libtorch's generator of the device
   */
  public Tensor layer(
      int index, Tensor x, Rotary.Angles angles, Attention attention, boolean training) {
    LayerWeights w = weights.layers().get(index);
    Tensor h = x.add(attend(index, w, norm(x, w.inputNorm()), angles, attention, training));
    return h.add(feedForward(w, norm(h, w.feedForwardNorm()), training));
  }

  private Tensor attend(
      int index,
      LayerWeights w,
      Tensor x,
      Rotary.Angles angles,
      Attention attention,
      boolean training) {
    Tensor[] projected = w.queryKeyValue().apply(x.to(type), training);
    Tensor query = normed(heads(projected[0], config.heads()), w.queryNorm());
    Tensor key = normed(heads(projected[1], config.keyValueHeads()), w.keyNorm());
    Tensor value = heads(projected[2], config.keyValueHeads());
    if (!config.rotary().unturnedLayers().contains(index)) {
      query = angles.rotate(query);
      key = angles.rotate(key);
    }
    return w.output().apply(attention.attend(index, query, key, value), training);
  }

  /** RMSNorm of each head, in float32 as every norm; the heads themselves where there is none. */
  private Tensor normed(Tensor heads, @Nullable Tensor weight) {
    return weight == null ? heads : norm(heads.to(ScalarType.Float), weight).to(type);
  }

  /** (B,T,n*D) to (B,T,n,D). */
  private Tensor heads(Tensor x, long count) {
    return x.view(x.size(0), x.size(1), count, config.headDimension());
  }

  /** SwiGLU (Shazeer, arXiv 2002.05202): down(silu(gate x) * up x). */
  private Tensor feedForward(LayerWeights w, Tensor x, boolean training) {
    Tensor[] projected = w.gateUp().apply(x.to(type), training);
    return w.down().apply(torch.silu(projected[0]).mul(projected[1]), training);
  }

  /** (B,T,C) to (B,T,C), before the head. */
  public Tensor finalNorm(Tensor x) {
    return norm(x, weights.norm());
  }

  /**
   * RMSNorm (Zhang and Sennrich, arXiv 1910.07467): x / sqrt(mean(x^2) + epsilon) * weight, in
   * float32.
   */
  private Tensor norm(Tensor x, Tensor weight) {
    return torch.rms_norm(
        x, weight.shape(), new TensorOptional(weight), new DoubleOptional(config.normEpsilon()));
  }

  /** Logits of hidden states that went through the final norm: (…,C) to (…,V) float32. */
  public Tensor logits(Tensor hidden) {
    Tensor in = hidden.to(type);
    return torch.linear(in, LowRank.like(weights.head(), in)).to(ScalarType.Float);
  }
}
