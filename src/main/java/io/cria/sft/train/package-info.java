/**
 * The training loop and its parts: loss, optimizer, schedule, packing of batches, low-rank
 * adapters, checkpoints.
 */
@NullMarked
package io.cria.sft.train;

import org.jspecify.annotations.NullMarked;
