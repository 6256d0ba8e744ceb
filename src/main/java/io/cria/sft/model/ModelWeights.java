package io.cria.sft.model;

import io.cria.sft.natives.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All weights of a model. Names are those of transformers; adapters have none here.
 *
 * @param embedding (V, C)
 * @param layers from the input on
 * @param norm (C), after the last layer
 * @param untiedHead (V, C), or null where the head is the embedding
 */
public record ModelWeights(
    Tensor embedding, List<LayerWeights> layers, Tensor norm, @Nullable Tensor untiedHead)
    implements AutoCloseable {
  public static final String EMBEDDING = "model.embed_tokens.weight";
  public static final String NORM = "model.norm.weight";
  public static final String HEAD = "lm_head.weight";

  public ModelWeights {
    layers = List.copyOf(layers);
  }

  /** (V, C): the weight that gives the logits. */
  public Tensor head() {
    return untiedHead == null ? embedding : untiedHead;
  }

  /** Where the weights of a model come from, by name. */
  public interface Source {
    Tensor tensor(String name, long... shape);
  }

  /** Gathers the weights of a model from {@code source}, which is asked for each once. */
  public static ModelWeights from(ModelConfig config, Source source) {
    long c = config.hiddenSize();
    long f = config.intermediateSize();
    long q = (long) config.heads() * config.headDimension();
    long kv = (long) config.keyValueHeads() * config.headDimension();
    boolean qkvBias = config.queryKeyValueBias();
    boolean feedForwardBias = config.feedForwardBias();
    List<LayerWeights> layers = new ArrayList<>();
    Tensor embedding = source.tensor(EMBEDDING, config.vocabularySize(), c);
    for (int i = 0; i < config.layers(); i++) {
      String at = layerPrefix(i);
      layers.add(
          new LayerWeights(
              source.tensor(at + "input_layernorm.weight", c),
              linear(source, at + "self_attn.q_proj", q, c, qkvBias),
              linear(source, at + "self_attn.k_proj", kv, c, qkvBias),
              linear(source, at + "self_attn.v_proj", kv, c, qkvBias),
              linear(source, at + "self_attn.o_proj", c, q, config.outputBias()),
              source.tensor(at + "post_attention_layernorm.weight", c),
              linear(source, at + "mlp.gate_proj", f, c, feedForwardBias),
              linear(source, at + "mlp.up_proj", f, c, feedForwardBias),
              linear(source, at + "mlp.down_proj", c, f, feedForwardBias)));
    }
    Tensor norm = source.tensor(NORM, c);
    Tensor head = config.tiedEmbeddings() ? null : source.tensor(HEAD, config.vocabularySize(), c);
    return new ModelWeights(embedding, layers, norm, head);
  }

  static String layerPrefix(int layer) {
    return "model.layers." + layer + ".";
  }

  private static Linear linear(Source source, String name, long out, long in, boolean biased) {
    Tensor weight = source.tensor(name + ".weight", out, in);
    return new Linear(weight, biased ? source.tensor(name + ".bias", out) : null, null);
  }

  /** The same weights with that head, which is another tensor than the embedding. */
  public ModelWeights withHead(Tensor head) {
    return new ModelWeights(embedding, layers, norm, head);
  }

  /** The configuration with as many tokens as the embedding has rows for. */
  public ModelConfig fitted(ModelConfig config) {
    return config.withVocabularySize(Math.toIntExact(embedding.size(0)));
  }

  /** Whether an adapter's dropout draws in training. */
  public boolean hasDropout() {
    boolean[] found = new boolean[1];
    mapLinears(
        (name, linear) -> {
          LowRank adapter = linear.adapter();
          found[0] |= adapter != null && adapter.dropout() > 0;
          return linear;
        });
    return found[0];
  }

  /** Every tensor once, by name, in the order of the computation; without adapters. */
  public Map<String, Tensor> named() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    map(
        (name, tensor) -> {
          named.put(name, tensor);
          return tensor;
        });
    return named;
  }

  /**
   * The same weights with every tensor replaced by what {@code change} gives for (name, tensor);
   * adapters stay.
   */
  public ModelWeights map(BiFunction<String, Tensor, Tensor> change) {
    Tensor newEmbedding = change.apply(EMBEDDING, embedding);
    List<LayerWeights> newLayers = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      LayerWeights w = layers.get(i);
      String at = layerPrefix(i);
      newLayers.add(
          new LayerWeights(
              change.apply(at + "input_layernorm.weight", w.inputNorm()),
              map(change, at + "self_attn.q_proj", w.query()),
              map(change, at + "self_attn.k_proj", w.key()),
              map(change, at + "self_attn.v_proj", w.value()),
              map(change, at + "self_attn.o_proj", w.output()),
              change.apply(at + "post_attention_layernorm.weight", w.feedForwardNorm()),
              map(change, at + "mlp.gate_proj", w.gate()),
              map(change, at + "mlp.up_proj", w.up()),
              map(change, at + "mlp.down_proj", w.down())));
    }
    Tensor newNorm = change.apply(NORM, norm);
    return new ModelWeights(
        newEmbedding,
        newLayers,
        newNorm,
        untiedHead == null ? null : change.apply(HEAD, untiedHead));
  }

  private static Linear map(BiFunction<String, Tensor, Tensor> change, String name, Linear linear) {
    Tensor weight = change.apply(name + ".weight", linear.weight());
    Tensor bias = linear.bias() == null ? null : change.apply(name + ".bias", linear.bias());
    return new Linear(weight, bias, linear.adapter());
  }

  /**
   * The same weights with each linear layer replaced by what {@code change} gives for its (name
   * without ".weight", layer).
   */
  public ModelWeights mapLinears(BiFunction<String, Linear, Linear> change) {
    List<LayerWeights> newLayers = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      LayerWeights w = layers.get(i);
      String at = layerPrefix(i);
      newLayers.add(
          new LayerWeights(
              w.inputNorm(),
              change.apply(at + "self_attn.q_proj", w.query()),
              change.apply(at + "self_attn.k_proj", w.key()),
              change.apply(at + "self_attn.v_proj", w.value()),
              change.apply(at + "self_attn.o_proj", w.output()),
              w.feedForwardNorm(),
              change.apply(at + "mlp.gate_proj", w.gate()),
              change.apply(at + "mlp.up_proj", w.up()),
              change.apply(at + "mlp.down_proj", w.down())));
    }
    return new ModelWeights(embedding, newLayers, norm, untiedHead);
  }

  /** Releases every tensor that was kept; adapters belong to who made them. */
  @Override
  public void close() {
    named().values().forEach(Tensors::release);
  }
}
