package io.cria.sft.train;

import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Tensors;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What an adapter has in the place of the model's own weights.
 *
 * @param tensors by the parameters' names; shaped as the model's, but for the rows of embedding and
 *     head, of which there may be another number
 * @param partsHead whether the head of a model whose head is its embedding is another tensor from
 *     now on: the given head or, without one, the embedding that the model came with
 */
public record WholeWeights(Map<String, Tensor> tensors, boolean partsHead)
    implements AutoCloseable {
  static final WholeWeights NONE = new WholeWeights(Map.of(), false);

  public WholeWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The weights with these in their places. */
  ModelWeights in(ModelWeights weights) {
    ModelWeights replaced = weights.map((name, tensor) -> tensors.getOrDefault(name, tensor));
    return partsHead
        ? replaced.withHead(tensors.getOrDefault(ModelWeights.HEAD, weights.embedding()))
        : replaced;
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensors::release);
  }
}
