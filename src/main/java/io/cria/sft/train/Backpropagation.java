package io.cria.sft.train;

import io.cria.sft.model.Attention;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradients of one micro-batch. Gradients are added to those that the trained weights hold
 * already ({@code tensor.grad()}), in float32 whatever the weights are: a sum of many small ones
 * would stand still in a smaller type.
 *
 * <p>The embedding and the head stand outside the recorded graph: the head works on labelled rows
 * only ({@link LabelledLoss}), and the embedding's gradient is added to the rows in use instead of
 * through a dense matrix.
 */
final class Backpropagation {
  private final Decoder decoder;
  private final boolean checkpointed;
  private final boolean dropout;
  private final int layers;
  private final ParameterGroups smaller;

  /**
   * @param decoder over the weights to train: those that require a gradient get one
   * @param checkpointed whether only each layer's input is kept and the layer is computed again on
   *     the way back: less memory, a third more work
   */
  Backpropagation(Decoder decoder, boolean checkpointed) {
    this.decoder = decoder;
    this.checkpointed = checkpointed;
    this.dropout = decoder.weights().hasDropout();
    this.layers = decoder.weights().layers().size();
    this.smaller = ParameterGroups.of(smaller(decoder.weights().named()), layers);
  }

  /** The trained weights of another type than float32. */
  private static Map<String, Tensor> smaller(Map<String, Tensor> weights) {
    Map<String, Tensor> smaller = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) -> {
          if (tensor.requires_grad() && tensor.scalar_type().intern() != ScalarType.Float) {
            smaller.put(name, tensor);
          }
        });
    return smaller;
  }

  /**
   * Adds the gradients of scale * (summed loss) and returns the summed loss in nats.
   *
   * @param scale usually 1 / targets of the global batch
   */
  double run(PackedBatch batch, double scale) {
    return Scoped.call(() -> read(runAhead(batch, scale, group -> {})));
  }

  /**
   * As {@link #run}, without waiting for a GPU: the loss is a float64 scalar on the device, which
   * the caller releases. {@code passed} is told each group of {@link ParameterGroups}, in their
   * order, as soon as the batch has added to its gradients.
   */
  Tensor runAhead(PackedBatch batch, double scale, IntConsumer passed) {
    if (batch.targets().length == 0) {
      for (int group = 0; group <= ParameterGroups.ofEmbedding(layers); group++) {
        passed.accept(group);
      }
      return nothing();
    }
    List<Pass> passes = new ArrayList<>();
    try {
      return Scoped.call(() -> run(new Inputs(batch), batch, scale, passes, passed));
    } finally {
      passes.forEach(Pass::release);
    }
  }

  /** The summed loss without gradients. */
  double loss(PackedBatch batch) {
    return Scoped.call(() -> read(lossAhead(batch)));
  }

  /** As {@link #loss}, without waiting for a GPU: a float64 scalar, which the caller releases. */
  Tensor lossAhead(PackedBatch batch) {
    if (batch.targets().length == 0) {
      return nothing();
    }
    return Scoped.withoutGradients(
        () -> {
          Inputs in = new Inputs(batch);
          Tensor hidden = decoder.hidden(in.ids, in.positions, in.attention);
          return Tensors.keep(
              LabelledLoss.sum(
                  labelled(hidden, batch),
                  decoder.weights().head(),
                  batch.targets(),
                  decoder.type()));
        });
  }

  private Tensor nothing() {
    return Scoped.keep(() -> torch.zeros(new long[0], decoder.device().options(ScalarType.Double)));
  }

  private static double read(Tensor kept) {
    try {
      return kept.item_double();
    } finally {
      Tensors.release(kept);
    }
  }

  /**
   * The way of a batch through one layer. Its graph begins at the input and ends at the output: the
   * backward pass goes layer by layer, and a layer's memory goes with it.
   *
   * @param output with its graph; null where the layer is to be computed again
   * @param randomState of the generator before the layer, for computing it again; null without
   *     dropout
   */
  private record Pass(Tensor input, @Nullable Tensor output, @Nullable Tensor randomState) {
    void release() {
      if (output != null) {
        Tensors.release(output);
      }
    }
  }

  /** The loss is kept for the caller. */
  private Tensor run(
      Inputs in, PackedBatch batch, double scale, List<Pass> passes, IntConsumer passed) {
    Rotary.Angles angles = decoder.angles(in.positions);
    Tensor embedded = embed(in.ids);
    Tensor last = embedded;
    for (int i = 0; i < layers; i++) {
      last = forward(i, last, angles, in.attention, passes);
    }
    Tensor randomStateAfter = randomState();
    Tensor above = last;
    Tensor loss = headLoss(above, batch, scale);
    passed.accept(ParameterGroups.HEAD);
    for (int i = layers - 1; i >= 0; i--) {
      Pass pass = passes.get(i);
      backward(i, pass, above, angles, in.attention);
      widen(ParameterGroups.ofLayer(i, layers));
      above.mutable_grad().reset();
      above = pass.input();
      passes.remove(i).release();
      passed.accept(ParameterGroups.ofLayer(i, layers));
    }
    setRandomState(randomStateAfter);
    addEmbeddingGradient(in.ids, embedded);
    passed.accept(ParameterGroups.ofEmbedding(layers));
    return loss;
  }

  private Tensor forward(
      int layer, Tensor x, Rotary.Angles angles, Attention attention, List<Pass> passes) {
    if (checkpointed) {
      passes.add(new Pass(x, null, randomState()));
      Tensor plain = Scoped.keep(() -> withoutGraph(() -> computed(layer, x, angles, attention)));
      Tensor next = plain.detach().requires_grad_(true);
      Tensors.release(plain);
      return next;
    }
    Tensor output = Scoped.keep(() -> computed(layer, x, angles, attention));
    passes.add(new Pass(x, output, null));
    return output.detach().requires_grad_(output.requires_grad());
  }

  private Tensor computed(int layer, Tensor x, Rotary.Angles angles, Attention attention) {
    return decoder.layer(layer, x, angles, attention, true);
  }

  /**
   * From the gradient that {@code above}, the layer's output without its graph, holds down to its
   * input's.
   */
  private void backward(
      int layer, Pass pass, Tensor above, Rotary.Angles angles, Attention attention) {
    Scoped.run(
        () -> {
          Tensor output = pass.output();
          if (output == null) {
            setRandomState(pass.randomState());
            output = computed(layer, pass.input(), angles, attention);
          }
          if (output.requires_grad()) {
            backward(output, new Tensor(above.grad()));
          }
        });
  }

  /** A layer that is computed again must drop what it dropped the first time. */
  private @Nullable Tensor randomState() {
    return dropout && checkpointed ? decoder.device().randomState() : null;
  }

  private void setRandomState(@Nullable Tensor state) {
    if (state != null) {
      decoder.device().setRandomState(state);
    }
  }

  /**
   * Final norm, head and loss over the last layer's output, with their gradients down to it. The
   * loss is kept for the caller.
   */
  private Tensor headLoss(Tensor x, PackedBatch batch, double scale) {
    return Scoped.keep(
        () -> {
          Tensor rows = labelled(decoder.finalNorm(x), batch);
          Tensor rowsGradient = torch.empty_like(rows);
          Tensor head = decoder.weights().head();
          Tensor loss =
              LabelledLoss.sumAndGradients(
                  rows.detach(),
                  head,
                  batch.targets(),
                  decoder.type(),
                  scale,
                  rowsGradient,
                  head.requires_grad() ? gradientOf(head) : null);
          backward(rows, rowsGradient);
          return loss;
        });
  }

  private Tensor embed(Tensor ids) {
    Tensor embedded = withoutGraph(() -> decoder.embed(ids));
    return embedded.requires_grad_(decoder.weights().embedding().requires_grad());
  }

  private void addEmbeddingGradient(Tensor ids, Tensor embedded) {
    if (embedded.requires_grad()) {
      Tensor gradient = new Tensor(embedded.grad());
      gradientOf(decoder.weights().embedding())
          .index_add_(0, ids.view(-1), gradient.view(-1, gradient.size(2)));
    }
  }

  /** (1,N,C) to the (n,C) rows that predict a label. */
  private Tensor labelled(Tensor hidden, PackedBatch batch) {
    Tensor rows = decoder.device().longs(batch.predicting(), batch.predicting().length);
    return hidden.squeeze(0).index_select(0, rows);
  }

  /**
   * Makes the gradients of a group float32. The first of a step comes from the graph in the
   * weight's own type; the graph adds the later ones to what is there then.
   */
  private void widen(int group) {
    Scoped.run(
        () -> {
          for (Tensor weight : smaller.groups().get(group).parameters().values()) {
            if (weight.grad().defined()) {
              gradientOf(weight);
            }
          }
        });
  }

  /**
   * The gradient that {@code weight} holds, in float32 whatever the weight is; zeros are put there
   * first where it has none.
   */
  static Tensor gradientOf(Tensor weight) {
    if (!weight.grad().defined()) {
      weight.mutable_grad().put(torch.zeros_like(weight.detach()).to(ScalarType.Float));
    } else if (weight.grad().scalar_type().intern() != ScalarType.Float) {
      weight.mutable_grad().put(weight.grad().to(ScalarType.Float));
    }
    return new Tensor(weight.grad());
  }

  private static void backward(Tensor output, Tensor gradient) {
    output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
  }

  private static Tensor withoutGraph(Supplier<Tensor> work) {
    NoGradGuard guard = new NoGradGuard();
    try {
      return work.get();
    } finally {
      guard.close();
    }
  }

  /** The batch as tensors. */
  private final class Inputs {
    final Tensor ids; // (1,N)
    final Tensor positions; // (1,N)
    final Attention attention;

    Inputs(PackedBatch batch) {
      long n = batch.tokens().length;
      ids = decoder.device().longs(batch.tokens(), 1, n);
      positions = decoder.device().longs(batch.positions(), 1, n);
      attention = decoder.packed(batch.segmentLengths());
    }
  }
}
