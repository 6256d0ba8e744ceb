/**
 * The published similarity rule, decided exactly and fast: a text is dropped when its ROUGE-L F
 * with a text accepted before it exceeds the threshold. {@link io.cria.similarity.PoolIndex} is the
 * engine: a prefix-filter index that misses no pair, bag signatures, bit-parallel LCS, order-true
 * selection. {@link io.cria.similarity.EngineSelector} puts it behind the {@link
 * io.cria.similarity.Selector} seam; {@link io.cria.similarity.MinHash} and {@link
 * io.cria.similarity.LshBands} are the approximate prefilter. Plain algorithms on arrays: no Spark,
 * no files.
 */
@NullMarked
package io.cria.similarity;

import org.jspecify.annotations.NullMarked;
