package io.cria.similarity;

import java.util.List;

/**
 * The similarity rule over a growing pool of texts, however the pool is kept. {@link PoolIndex}
 * keeps it in this process.
 */
public interface TextSelector {
  /** Takes texts into the pool without judging them, at the next positions. */
  void append(List<String> texts);

  /**
   * Judges a batch in order; what is kept joins the pool, also against later texts of the batch.
   */
  Selection select(List<String> batch);
}
