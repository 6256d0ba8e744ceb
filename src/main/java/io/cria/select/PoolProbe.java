package io.cria.select;

import io.cria.similarity.KnownPairs;
import java.util.List;

/**
 * A pool laid over the executors, and the search of a batch in it. The seam for pools of every
 * size: {@link ExecutorIndexes} keeps the whole index in each executor and misses nothing; {@link
 * LshJoin} divides the pool by band key, so that it may be larger than one executor, and is
 * approximate; {@link BoundedProbe} puts the second before the first. A lossless one that divides
 * the pool by prefix key would stand here too.
 *
 * <p>What is found depends on pool and batch alone, never on partitions, executors or their loss.
 * Used by one thread at a time.
 */
interface PoolProbe {
  /** Takes texts in at the next positions. */
  void append(List<String> texts);

  /** Searches the pool, and perhaps the batch itself, for what is similar to each of its texts. */
  Found probe(List<String> batch);

  /**
   * @param pool the earliest similar pool text that was found, for each text of the batch
   * @param batch pairs of the batch that were found similar
   */
  record Found(Hits pool, KnownPairs batch) {}
}
