/**
 * The similarity rule on Spark. {@link io.cria.select.Selectors} chooses: in one process the engine
 * itself, on a cluster {@link io.cria.select.SparkSelector}, whose executors probe a batch against
 * the pool and whose driver resolves what is left in acceptance order. How the pool is laid over
 * the executors is behind {@link io.cria.select.PoolProbe}: whole in each of them, divided by
 * MinHash band, or the second before the first.
 */
@NullMarked
package io.cria.select;

import org.jspecify.annotations.NullMarked;
