package io.cria.dedup;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was done, as it stands in OUT/report.json.
 *
 * @param job hash of options, inputs and evaluation set: the same job gives the same result
 * @param columns that were read
 * @param against files of the evaluation set
 * @param items of it
 * @param rows records of all inputs
 * @param reasons dropped records by rule
 */
public record NearReport(
    int format,
    String job,
    List<String> columns,
    List<String> against,
    int items,
    String tokenizer,
    double threshold,
    int ngram,
    List<DedupReport.InputCounts> inputs,
    long rows,
    long kept,
    long dropped,
    Map<String, Long> reasons,
    String version)
    implements JobReport {
  static final int FORMAT = 1;

  public NearReport {
    columns = List.copyOf(columns);
    against = List.copyOf(against);
    inputs = List.copyOf(inputs);
    reasons = new TreeMap<>(reasons);
  }
}
