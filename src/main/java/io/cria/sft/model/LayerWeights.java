package io.cria.sft.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weights of one decoder layer.
 *
 * @param inputNorm (C), before attention
 * @param queryKeyValue C to H*D, K*D and K*D
 * @param queryNorm (D), of each query head, or null
 * @param keyNorm (D), of each key head, or null
 * @param output H*D to C
 * @param feedForwardNorm (C), before the feed-forward layer
 * @param gateUp C to intermediate, twice
 * @param down intermediate to C
 */
public record LayerWeights(
    Tensor inputNorm,
    Projections queryKeyValue,
    @Nullable Tensor queryNorm,
    @Nullable Tensor keyNorm,
    Linear output,
    Tensor feedForwardNorm,
    Projections gateUp,
    Linear down) {}
