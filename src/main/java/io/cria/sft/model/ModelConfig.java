package io.cria.sft.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What defines the computation besides the weights. Read from and written as config.json by {@link
 * ModelConfigJson}.
 *
 * @param architecture the model class
 * @param vocabularySize V, rows of the embedding
 * @param hiddenSize C
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of decoder layers
 * @param heads H, query heads
 * @param keyValueHeads K, divides H
 * @param headDimension D, even; H * D need not be C
 * @param contextLength tokens that a text may have
 * @param normEpsilon added to the mean square in RMSNorm
 * @param rotary how positions turn queries and keys
 * @param tiedEmbeddings whether the head is the embedding
 * @param queryKeyNorm whether each head of q and k is normed before it is turned (Qwen3)
 * @param jointProjections whether q, k and v are one matrix, and gate and up another (Phi-3)
 * @param queryKeyValueBias whether q, k and v have a bias
 * @param outputBias whether the attention's output has a bias
 * @param feedForwardBias whether gate, up and down have a bias
 * @param slidingWindow a token sees this many tokens up to itself; null for all
 * @param beginToken id set before a text, or null
 * @param endTokens ids that end a text
 * @param padToken id for filling, or null
 */
public record ModelConfig(
    Architecture architecture,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDimension,
    int contextLength,
    double normEpsilon,
    RotaryConfig rotary,
    boolean tiedEmbeddings,
    boolean queryKeyNorm,
    boolean jointProjections,
    boolean queryKeyValueBias,
    boolean outputBias,
    boolean feedForwardBias,
    @Nullable Integer slidingWindow,
    @Nullable Integer beginToken,
    List<Integer> endTokens,
    @Nullable Integer padToken) {
  public ModelConfig {
    requirePositive("vocab_size", vocabularySize);
    requirePositive("hidden_size", hiddenSize);
    requirePositive("intermediate_size", intermediateSize);
    requirePositive("num_hidden_layers", layers);
    requirePositive("num_attention_heads", heads);
    requirePositive("num_key_value_heads", keyValueHeads);
    requirePositive("head_dim", headDimension);
    requirePositive("max_position_embeddings", contextLength);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "num_key_value_heads ("
              + keyValueHeads
              + ") must divide num_attention_heads ("
              + heads
              + ")");
    }
    if (headDimension % 2 != 0) {
      throw new IllegalArgumentException("head_dim must be even, not " + headDimension);
    }
    if (rotary.dimension() > headDimension) {
      throw new IllegalArgumentException(
          "head_dim (" + headDimension + ") has no " + rotary.dimension() + " values to turn");
    }
    if (!(normEpsilon > 0)) {
      throw new IllegalArgumentException("rms_norm_eps must be above 0, not " + normEpsilon);
    }
    if (slidingWindow != null) {
      requirePositive("sliding_window", slidingWindow);
    }
    endTokens = List.copyOf(endTokens);
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " must be at least 1, not " + value);
    }
  }

  /** The same model with rows for more (or fewer) tokens. */
  public ModelConfig withVocabularySize(int rows) {
    return new ModelConfig(
        architecture,
        rows,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        headDimension,
        contextLength,
        normEpsilon,
        rotary,
        tiedEmbeddings,
        queryKeyNorm,
        jointProjections,
        queryKeyValueBias,
        outputBias,
        feedForwardBias,
        slidingWindow,
        beginToken,
        endTokens,
        padToken);
  }

  /** Whether the token ends a text. */
  public boolean isEnd(int token) {
    return endTokens.contains(token);
  }
}
