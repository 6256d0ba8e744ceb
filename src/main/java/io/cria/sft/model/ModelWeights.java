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

  private static final String INPUT_NORM = "input_layernorm.weight";
  private static final List<String> QUERY_KEY_VALUE =
      List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
  private static final List<String> JOINT_QUERY_KEY_VALUE = List.of("self_attn.qkv_proj");
  private static final String QUERY_NORM = "self_attn.q_norm.weight";
  private static final String KEY_NORM = "self_attn.k_norm.weight";
  private static final String OUTPUT = "self_attn.o_proj";
  private static final String FEED_FORWARD_NORM = "post_attention_layernorm.weight";
  private static final List<String> GATE_UP = List.of("mlp.gate_proj", "mlp.up_proj");
  private static final List<String> JOINT_GATE_UP = List.of("mlp.gate_up_proj");
  private static final String DOWN = "mlp.down_proj";

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
    List<LayerWeights> layers = new ArrayList<>();
    long c = config.hiddenSize();
    Tensor embedding = source.tensor(EMBEDDING, config.vocabularySize(), c);
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(config, source, layerPrefix(i)));
    }
    Tensor norm = source.tensor(NORM, c);
    Tensor head = config.tiedEmbeddings() ? null : source.tensor(HEAD, config.vocabularySize(), c);
    return new ModelWeights(embedding, layers, norm, head);
  }

  private static LayerWeights layer(ModelConfig config, Source source, String at) {
    long c = config.hiddenSize();
    long f = config.intermediateSize();
    long d = config.headDimension();
    long q = config.heads() * d;
    long kv = config.keyValueHeads() * d;
    boolean joint = config.jointProjections();
    boolean feedForwardBias = config.feedForwardBias();
    return new LayerWeights(
        source.tensor(at + INPUT_NORM, c),
        projections(
            source,
            at,
            joint ? JOINT_QUERY_KEY_VALUE : QUERY_KEY_VALUE,
            List.of(q, kv, kv),
            c,
            config.queryKeyValueBias()),
        config.queryKeyNorm() ? source.tensor(at + QUERY_NORM, d) : null,
        config.queryKeyNorm() ? source.tensor(at + KEY_NORM, d) : null,
        linear(source, at + OUTPUT, c, q, config.outputBias()),
        source.tensor(at + FEED_FORWARD_NORM, c),
        projections(source, at, joint ? JOINT_GATE_UP : GATE_UP, List.of(f, f), c, feedForwardBias),
        linear(source, at + DOWN, c, f, feedForwardBias));
  }

  private static Projections projections(
      Source source, String at, List<String> names, List<Long> sizes, long in, boolean biased) {
    List<Long> rows =
        names.size() == 1 ? List.of(sizes.stream().mapToLong(Long::longValue).sum()) : sizes;
    List<Linear> linears = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      linears.add(linear(source, at + names.get(i), rows.get(i), in, biased));
    }
    return new Projections(names, linears, sizes);
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
              change.apply(at + INPUT_NORM, w.inputNorm()),
              w.queryKeyValue().map((name, linear) -> map(change, at + name, linear)),
              map(change, at + QUERY_NORM, w.queryNorm()),
              map(change, at + KEY_NORM, w.keyNorm()),
              map(change, at + OUTPUT, w.output()),
              change.apply(at + FEED_FORWARD_NORM, w.feedForwardNorm()),
              w.gateUp().map((name, linear) -> map(change, at + name, linear)),
              map(change, at + DOWN, w.down())));
    }
    Tensor newNorm = change.apply(NORM, norm);
    return new ModelWeights(
        newEmbedding,
        newLayers,
        newNorm,
        untiedHead == null ? null : change.apply(HEAD, untiedHead));
  }

  private static @Nullable Tensor map(
      BiFunction<String, Tensor, Tensor> change, String name, @Nullable Tensor tensor) {
    return tensor == null ? null : change.apply(name, tensor);
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
              w.queryKeyValue().map((name, linear) -> change.apply(at + name, linear)),
              w.queryNorm(),
              w.keyNorm(),
              change.apply(at + OUTPUT, w.output()),
              w.feedForwardNorm(),
              w.gateUp().map((name, linear) -> change.apply(at + name, linear)),
              change.apply(at + DOWN, w.down())));
    }
    return new ModelWeights(embedding, newLayers, norm, untiedHead);
  }

  /** Releases every tensor that was kept; adapters belong to who made them. */
  @Override
  public void close() {
    named().values().forEach(Tensors::release);
  }
}
