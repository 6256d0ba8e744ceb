package io.cria.select;

import java.util.List;

/**
 * MinHash in front of the lossless index. A verified hit of the distributed join is sound, so the
 * index, which misses nothing, only looks for a neighbour before it.
 */
final class BoundedProbe implements PoolProbe {
  private final LshJoin join;
  private final ExecutorIndexes indexes;
  private final int distributedFrom;

  /**
   * @param distributedFrom the least batch that is worth the join's jobs
   */
  BoundedProbe(LshJoin join, ExecutorIndexes indexes, int distributedFrom) {
    this.join = join;
    this.indexes = indexes;
    this.distributedFrom = distributedFrom;
  }

  @Override
  public void append(List<String> texts) {
    join.append(texts);
    indexes.append(texts);
  }

  @Override
  public Found probe(List<String> batch) {
    if (batch.size() < distributedFrom) {
      return indexes.probe(batch);
    }
    Found found = join.probe(batch);
    indexes.refine(batch, found.pool());
    return found;
  }
}
