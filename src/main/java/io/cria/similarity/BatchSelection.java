package io.cria.similarity;

import java.util.Arrays;

/**
 * Judges one ordered batch against a pool and itself, and adds what is kept. Chunk by chunk: all
 * texts are probed against the pool on several threads; the few hundred or thousand that have no
 * neighbour there are resolved in order against those of the chunk kept before them; these then
 * join the pool. A neighbour in the pool is earlier than any in the chunk, so it is the earliest
 * when it is the least in the pool.
 */
final class BatchSelection {
  private static final int LEAST_CHUNK = 1_024;
  private static final int LARGEST_CHUNK = 32_768;
  private static final int CHUNKS_PER_POOL = 16;

  private final Pool pool;
  private final TextStore batch;
  private final KnownPairs known;
  private final boolean earliest;
  private final int[] neighbours;
  private final double[] scores;
  private final int[] positions;
  private final TextIndex chunkIndex;

  /**
   * @param batch the texts, encoded with the pool's dictionary
   * @param known similar pairs of them
   * @param earliest whether the neighbour is to be the earliest one
   */
  BatchSelection(Pool pool, TextStore batch, KnownPairs known, boolean earliest) {
    this.pool = pool;
    this.batch = batch;
    this.known = known;
    this.earliest = earliest;
    this.neighbours = new int[batch.size()];
    this.scores = new double[batch.size()];
    this.positions = new int[batch.size()];
    this.chunkIndex = new TextIndex(pool.options.prefilter(), pool.required, batch);
    Arrays.fill(neighbours, Selection.NONE);
    Arrays.fill(scores, Double.NaN);
  }

  Selection run() {
    for (int from = 0; from < batch.size(); ) {
      int to = Math.min(batch.size(), from + chunkSize());
      if (pool.texts.size() > 0) {
        probePool(from, to);
      }
      resolve(from, to);
      from = to;
    }
    return new Selection(neighbours, scores);
  }

  private int chunkSize() {
    int fixed = pool.options.chunk();
    return fixed > 0
        ? fixed
        : Math.max(LEAST_CHUNK, Math.min(LARGEST_CHUNK, pool.texts.size() / CHUNKS_PER_POOL));
  }

  private void probePool(int from, int to) {
    Workers.forRange(
        pool.options.threads(), from, to, () -> (first, end) -> probeBlock(first, end, from));
  }

  /** Texts before {@code chunk} are decided. */
  private void probeBlock(int from, int to, int chunk) {
    Probe probe = pool.borrow();
    for (int i = from; i < to; i++) {
      int pair = knownKept(i, 0, chunk);
      int bound = pair < 0 ? KeyIndex.NONE : positions[known.earlier(pair)];
      int hit = bound;
      if (earliest || pair < 0) {
        take(probe, i);
        hit = pool.index().find(probe, bound, !earliest);
      }
      if (hit < bound) {
        neighbours[i] = hit;
        scores[i] = RequiredLcs.f(probe.found, probe.length(), pool.texts.length(hit));
      } else if (pair >= 0) {
        neighbours[i] = bound;
        scores[i] = known.score(pair);
      }
    }
    pool.giveBack(probe);
  }

  /** The known pair of text i with the earliest kept text of [from, to); -1 without one. */
  private int knownKept(int i, int from, int to) {
    for (int at = known.first(i); known.isOf(at, i); at++) {
      int other = known.earlier(at);
      if (other >= from && other < to && neighbours[other] == Selection.NONE) {
        return at;
      }
    }
    return -1;
  }

  private void resolve(int from, int to) {
    chunkIndex.clear();
    Probe probe = pool.borrow();
    Thread caller = Thread.currentThread();
    for (int i = from; i < to; i++) {
      if (neighbours[i] != Selection.NONE) {
        continue;
      }
      Workers.requireNoInterrupt(caller);
      take(probe, i);
      int pair = knownKept(i, from, i);
      int bound = pair < 0 ? KeyIndex.NONE : known.earlier(pair);
      int hit = earliest || pair < 0 ? chunkIndex.find(probe, bound, !earliest) : bound;
      if (hit < bound) {
        neighbours[i] = positions[hit];
        scores[i] = RequiredLcs.f(probe.found, probe.length(), batch.length(hit));
      } else if (pair >= 0) {
        neighbours[i] = positions[bound];
        scores[i] = known.score(pair);
      } else {
        chunkIndex.add(i, probe);
        positions[i] = pool.texts.add(batch, i);
        pool.index().add(positions[i], probe);
      }
    }
    pool.giveBack(probe);
  }

  private void take(Probe probe, int i) {
    probe.take(batch.page(i), batch.offset(i), batch.length(i), pool.order, pool.dictionary.size());
  }
}
