package io.cria.dedup;

import io.cria.select.Recall;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done, as it stands in OUT/report.json.
 *
 * @param job hash of options and inputs: the same job gives the same result
 * @param rows records of all inputs
 * @param recall measured of an approximate prefilter; null with an exact one, whose recall is 1
 * @param sample what it was measured on
 */
public record DedupReport(
    int format,
    String job,
    String column,
    @Nullable String orderBy,
    double threshold,
    String tokenizer,
    String prefilter,
    List<InputCounts> inputs,
    long rows,
    long kept,
    long dropped,
    @Nullable Double recall,
    @Nullable Recall sample,
    String version) {
  static final int FORMAT = 1;
  static final String FILE = "report.json";

  public DedupReport {
    inputs = List.copyOf(inputs);
  }

  /**
   * Counts of one input.
   *
   * @param input as it was named
   * @param kind jsonl, json or parquet
   */
  public record InputCounts(String input, String kind, long rows, long kept, long dropped) {}
}
