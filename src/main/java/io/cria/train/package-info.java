/**
 * Training on the ranks of a cluster: one barrier task a rank, which fetches model and shards, runs
 * the engine in a process of its own, publishes its checkpoints and its result, and tells the
 * driver how it goes. Nothing here loads libtorch: natives live in the ranks' processes alone.
 */
@NullMarked
package io.cria.train;

import org.jspecify.annotations.NullMarked;
