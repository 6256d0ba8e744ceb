package io.cria.similarity;

import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.List;

/**
 * The similarity rule over a growing pool. A text is rejected when its ROUGE-L F with any text
 * accepted before it exceeds the threshold. Owns prefilter and exact decision. Used by one thread
 * at a time.
 */
public interface Selector {
  /**
   * Takes texts into the pool without judging them: seeds, and rounds that are committed already.
   */
  void accept(List<Instruction> texts);

  /**
   * Judges a batch in order; what is kept joins the pool, also against later texts of the same
   * batch.
   *
   * @return one verdict per text; a rejection names the earliest accepted neighbour above the
   *     threshold and its score
   */
  List<Verdict> select(List<Instruction> batch);

  /**
   * Everything accepted so far, in order: a view that grows with the pool, unmodifiable, with
   * random access. Reading an element may cost some work; going through all of them is for small
   * pools.
   */
  List<Instruction> accepted();
}
