package io.cria.sft.train;

import io.cria.sft.model.Attention;
import io.cria.sft.model.Decoder;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Loss and gradients of one micro-batch. Gradients are added to those that the trained weights hold
 * already ({@code tensor.grad()}).
 *
 * <p>The embedding and the head stand outside the recorded graph: the head works on labelled rows
 * only ({@link LabelledLoss}), and the embedding's gradient is added to the rows in use instead of
 * through a dense matrix.
 */
final class Backpropagation {
  private final Decoder decoder;
  private final boolean checkpointed;
  private final boolean dropout;

  /**
   * @param decoder over the weights to train: those that require a gradient get one
   * @param checkpointed whether only each layer's input is kept and the layer is computed again on
   *     the way back: less memory, a third more work
   */
  Backpropagation(Decoder decoder, boolean checkpointed) {
    this.decoder = decoder;
    this.checkpointed = checkpointed;
    this.dropout = decoder.weights().hasDropout();
  }

  /**
   * Adds the gradients of scale * (summed loss) and returns the summed loss in nats.
   *
   * @param scale usually 1 / targets of the global batch
   */
  double run(PackedBatch batch, double scale) {
    return Scoped.call(() -> read(runAhead(batch, scale)));
  }

  /**
   * As {@link #run}, without waiting for a GPU: the loss is a float64 scalar on the device, which
   * the caller releases.
   */
  Tensor runAhead(PackedBatch batch, double scale) {
    if (batch.targets().length == 0) {
      return nothing();
    }
    return Scoped.keep(
        () -> checkpointed ? runCheckpointed(batch, scale) : runRecorded(batch, scale));
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

  private Tensor runRecorded(PackedBatch batch, double scale) {
    Inputs in = new Inputs(batch);
    Rotary.Angles angles = decoder.angles(in.positions);
    Tensor embedded = embed(in.ids);
    Tensor x = embedded;
    for (int i = 0; i < decoder.weights().layers().size(); i++) {
      x = decoder.layer(i, x, angles, in.attention, true);
    }
    Tensor loss = headLoss(x, batch, scale);
    addEmbeddingGradient(in.ids, embedded);
    return loss;
  }

  private Tensor runCheckpointed(PackedBatch batch, double scale) {
    Inputs in = new Inputs(batch);
    Rotary.Angles angles = decoder.angles(in.positions);
    Tensor embedded = embed(in.ids);
    List<Tensor> inputs = new ArrayList<>();
    inputs.add(embedded);
    int layers = decoder.weights().layers().size();
    List<Tensor> randomStates = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      int layer = i;
      keepRandomState(randomStates);
      inputs.add(
          withoutGraph(
              () -> decoder.layer(layer, inputs.get(layer).detach(), angles, in.attention, true)));
    }
    keepRandomState(randomStates);
    Tensor last = inputs.get(layers).requires_grad_(true);
    Tensor loss = headLoss(last, batch, scale);
    Tensor gradient = Tensors.keep(new Tensor(last.grad()));
    for (int i = layers - 1; i >= 0; i--) {
      int layer = i;
      Tensor above = gradient;
      gradient =
          Scoped.keep(
              () -> {
                Tensor x = inputs.get(layer).detach().requires_grad_(true);
                setRandomState(randomStates, layer);
                backward(decoder.layer(layer, x, angles, in.attention, true), above);
                return new Tensor(x.grad());
              });
      Tensors.release(above);
    }
    setRandomState(randomStates, layers);
    if (embedded.requires_grad()) {
      embeddingGradient().index_add_(0, in.ids.view(-1), gradient.view(-1, gradient.size(2)));
    }
    Tensors.release(gradient);
    return loss;
  }

  /** A layer that is computed again must drop what it dropped the first time. */
  private void keepRandomState(List<Tensor> states) {
    if (dropout) {
      states.add(decoder.device().randomState());
    }
  }

  private void setRandomState(List<Tensor> states, int layer) {
    if (dropout) {
      decoder.device().setRandomState(states.get(layer));
    }
  }

  /**
   * Final norm, head and loss over the last layer's output, with their gradients down to it and
   * further.
   */
  private Tensor headLoss(Tensor x, PackedBatch batch, double scale) {
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
  }

  private Tensor embed(Tensor ids) {
    Tensor embedded = withoutGraph(() -> decoder.embed(ids));
    return embedded.requires_grad_(decoder.weights().embedding().requires_grad());
  }

  private void addEmbeddingGradient(Tensor ids, Tensor embedded) {
    if (embedded.requires_grad()) {
      Tensor gradient = new Tensor(embedded.grad());
      embeddingGradient().index_add_(0, ids.view(-1), gradient.view(-1, gradient.size(2)));
    }
  }

  private Tensor embeddingGradient() {
    return gradientOf(decoder.weights().embedding());
  }

  /** (1,N,C) to the (n,C) rows that predict a label. */
  private Tensor labelled(Tensor hidden, PackedBatch batch) {
    Tensor rows = decoder.device().longs(batch.predicting(), batch.predicting().length);
    return hidden.squeeze(0).index_select(0, rows);
  }

  /**
   * The gradient that {@code weight} holds; zeros are put there first where it has none. They are
   * float32 whatever the weight is: rows of many tokens add up in them.
   */
  static Tensor gradientOf(Tensor weight) {
    if (!weight.grad().defined()) {
      weight.mutable_grad().put(torch.zeros_like(weight.detach()).to(ScalarType.Float));
    }
    return new Tensor(weight.grad());
  }

  private static void backward(Tensor output, Tensor gradient) {
    output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
  }

  private static Tensor withoutGraph(java.util.function.Supplier<Tensor> work) {
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
