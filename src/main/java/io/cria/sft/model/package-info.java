/**
 * The decoder of LLaMA (Touvron et al., arXiv 2302.13971) and its kin: RMSNorm, rotary positions,
 * grouped-query attention, SwiGLU. What a family has of its own (norms of heads, layers without
 * positions, joint projections) is configuration too. Configuration ({@link
 * io.cria.sft.model.ModelConfig}), weights ({@link io.cria.sft.model.ModelWeights}) and state
 * ({@link io.cria.sft.model.KeyValueCache}) are separate; {@link io.cria.sft.model.Decoder} is the
 * computation over them. Shapes in comments: B rows, T tokens of a row, C hidden size, H query
 * heads, K key-value heads, D head dimension, R those of D that positions turn, V vocabulary. A
 * packed batch is one row of all its examples end to end, so B is 1 and no padding is computed.
 */
@NullMarked
package io.cria.sft.model;

import org.jspecify.annotations.NullMarked;
