package io.cria.sft.model;

import org.bytedeco.pytorch.Tensor;

/**
 * Weights of one decoder layer.
 *
 * @param inputNorm (C), before attention
 * @param query C to H*D
 * @param key C to K*D
 * @param value C to K*D
 * @param output H*D to C
 * @param feedForwardNorm (C), before the feed-forward layer
 * @param gate C to intermediate
 * @param up C to intermediate
 * @param down intermediate to C
 */
public record LayerWeights(
    Tensor inputNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear output,
    Tensor feedForwardNorm,
    Linear gate,
    Linear up,
    Linear down) {}
