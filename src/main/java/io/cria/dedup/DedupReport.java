package io.cria.dedup;

import io.cria.select.Recall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done, as it stands in OUT/report.json.
 *
 * @param job hash of options and inputs: the same job gives the same result
 * @param rows records of all inputs
 * @param missing how many of the dropped ones have no text
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
    long missing,
    @Nullable Double recall,
    @Nullable Recall sample,
    String version)
    implements JobReport {
  static final int FORMAT = 1;

  public DedupReport {
    inputs = List.copyOf(inputs);
  }

  /**
   * Counts of one input.
   *
   * @param input as it was named
   * @param kind jsonl, json or parquet
   * @param missing how many of the dropped ones have no text
   */
  public record InputCounts(
      String input, String kind, long rows, long kept, long dropped, long missing) {
    /** Of each input. */
    static List<InputCounts> of(
        List<Input> inputs, List<Column> columns, SimilarVerdicts verdicts) {
      List<InputCounts> counts = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        int rows = columns.get(i).size();
        long kept = verdicts.kept(i, rows);
        counts.add(
            new InputCounts(
                inputs.get(i).name(),
                inputs.get(i).kind(),
                rows,
                kept,
                rows - kept,
                columns.get(i).missing()));
      }
      return counts;
    }
  }

  /** Records kept of all inputs. */
  static long kept(List<InputCounts> counts) {
    return counts.stream().mapToLong(InputCounts::kept).sum();
  }
}
