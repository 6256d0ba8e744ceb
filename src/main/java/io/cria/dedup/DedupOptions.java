package io.cria.dedup;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.Prefilter;
import io.cria.task.CriaException;
import io.cria.text.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done.
 *
 * @param inputs files or directories, in order of priority
 * @param column the texts; a dot leads into a nested object
 * @param orderBy column that orders the records within each input, ascending; null for row order
 * @param threshold a text is dropped when its ROUGE-L F with a kept one exceeds this
 * @param skipsMissing whether a record without the column, or with null there, is dropped as such;
 *     else it is bad input
 * @param output directory that does not exist yet, or holds this job's result
 */
public record DedupOptions(
    List<String> inputs,
    String column,
    @Nullable String orderBy,
    double threshold,
    String tokenizer,
    String prefilter,
    boolean skipsMissing,
    String output) {
  public DedupOptions {
    inputs = requireDifferent(inputs);
  }

  /** Every record is to have a text. */
  public DedupOptions(
      List<String> inputs,
      String column,
      @Nullable String orderBy,
      double threshold,
      String tokenizer,
      String prefilter,
      String output) {
    this(inputs, column, orderBy, threshold, tokenizer, prefilter, false, output);
  }

  /**
   * Inputs as they were given.
   *
   * @throws CriaException (bad input) when there is none, or one twice
   */
  static List<String> requireDifferent(List<String> inputs) {
    if (inputs.isEmpty()) {
      throw CriaException.badInput("no input: give --input FILE");
    }
    for (String input : inputs) {
      if (inputs.indexOf(input) != inputs.lastIndexOf(input)) {
        throw CriaException.badInput(input + ": the input is given twice: give it once");
      }
    }
    return List.copyOf(inputs);
  }

  /**
   * With as many threads as the machine has cores.
   *
   * @throws CriaException (bad input) when threshold, tokenizer or prefilter is none
   */
  public EngineOptions engine() {
    return EngineOptions.of(Tokenizer.named(tokenizer), threshold)
        .withPrefilter(Prefilter.named(prefilter))
        .withThreads(Runtime.getRuntime().availableProcessors());
  }
}
