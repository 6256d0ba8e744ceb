package io.cria.sft.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A low-rank addition to a linear layer (LoRA; Hu et al., arXiv 2106.09685): scale * B A x.
 *
 * @param a (rank, in)
 * @param b (out, rank)
 * @param scale alpha / rank
 * @param dropout share of the inputs set to zero in training's forward pass; 0 for none
 */
public record LowRank(Tensor a, Tensor b, double scale, double dropout) {
  Tensor apply(Tensor x, boolean training) {
    Tensor in = training && dropout > 0 ? torch.dropout(x, dropout, true) : x;
    return torch.linear(torch.linear(in, like(a, x)), like(b, x)).mul(new Scalar(scale));
  }

  /** (out, in): what it adds to the layer's weight. */
  public Tensor delta() {
    return b.mm(a).mul(new Scalar(scale));
  }

  static Tensor like(Tensor weight, Tensor x) {
    return weight.scalar_type() == x.scalar_type() ? weight : weight.to(x.scalar_type());
  }
}
