package io.cria.sft.train;

import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Cross entropy of the head, for labelled rows only and a few of them at a time: the logits of a
 * whole batch never exist, and the gradient is formed from each part's softmax before the next
 * part's logits.
 */
final class LabelledLoss {
  private LabelledLoss() {}

  /**
   * The summed loss in nats, a float64 scalar on the device.
   *
   * @param hidden (n,C) of the labelled rows, after the final norm
   * @param head (V,C)
   * @param targets n token ids
   * @param type in which the head's product is computed
   */
  static Tensor sum(Tensor hidden, Tensor head, long[] targets, ScalarType type) {
    return sumAndGradients(hidden, head, targets, type, 0, null, null);
  }

  /**
   * The summed loss, a float64 scalar on the device, and its gradients times {@code scale}. No part
   * waits for a GPU: the parts' losses are added up there.
   *
   * @param hiddenGradient (n,C) float32, overwritten; null for no gradients
   * @param headGradient (V,C) float32, added to; null where the head is not trained
   */
  static Tensor sumAndGradients(
      Tensor hidden,
      Tensor head,
      long[] targets,
      ScalarType type,
      double scale,
      @Nullable Tensor hiddenGradient,
      @Nullable Tensor headGradient) {
    Device device = Device.of(hidden);
    Tensor sum = torch.zeros(new long[0], device.options(ScalarType.Double));
    Scoped.withoutGradients(
        () -> {
          Tensor weight = head.scalar_type().intern() == type ? head : head.to(type);
          Tensor labels = device.longs(targets, targets.length, 1);
          int part = (int) Math.max(1, MemoryEstimate.partLogits(device.isCuda()) / head.size(0));
          for (int start = 0; start < targets.length; start += part) {
            int rows = Math.min(part, targets.length - start);
            int from = start;
            Scoped.run(
                () -> {
                  Tensor in = hidden.narrow(0, from, rows).to(type);
                  Tensor label = labels.narrow(0, from, rows);
                  Tensor logProbability = logProbability(in, weight);
                  sum.sub_(
                      logProbability
                          .gather(1, label)
                          .sum(new ScalarTypeOptional(ScalarType.Double)));
                  if (hiddenGradient != null) {
                    gradients(
                        logProbability,
                        label,
                        in,
                        weight,
                        scale,
                        hiddenGradient.narrow(0, from, rows),
                        headGradient);
                  }
                });
          }
          return true;
        });
    return sum;
  }

  private static Tensor logProbability(Tensor in, Tensor weight) {
    return torch.log_softmax(
        torch.linear(in, weight).to(ScalarType.Float), -1, new ScalarTypeOptional());
  }

  /** d loss / d logits = softmax - one-hot, from which both gradients follow by a product. */
  private static void gradients(
      Tensor logProbability,
      Tensor label,
      Tensor in,
      Tensor weight,
      double scale,
      Tensor hiddenGradient,
      @Nullable Tensor headGradient) {
    Tensor logits = logProbability.exp_();
    logits.scatter_add_(1, label, torch.full_like(label, new Scalar(-1.0)).to(ScalarType.Float));
    Tensor error = logits.to(in.scalar_type());
    hiddenGradient.copy_(error.mm(weight)).mul_(new Scalar(scale));
    if (headGradient == null) {
      return;
    }
    if (error.scalar_type().intern() == ScalarType.Float) {
      headGradient.addmm_(error.t(), in, new Scalar(1.0), new Scalar(scale));
    } else {
      headGradient.add_(error.t().mm(in), new Scalar(scale));
    }
  }
}
