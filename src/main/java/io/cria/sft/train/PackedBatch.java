package io.cria.sft.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a micro-batch as the decoder takes them: one row (B = 1) of all their segments end to
 * end.
 *
 * @param tokens N ids
 * @param positions N, from 0 in each segment
 * @param segmentLengths tokens of each segment
 * @param predicting indices into the N tokens from whose hidden state a label is predicted
 * @param targets the labels, as many as {@code predicting}
 */
@SuppressWarnings("ArrayRecordComponent") // made here, read by the engine only
record PackedBatch(
    long[] tokens, long[] positions, int[] segmentLengths, long[] predicting, long[] targets) {
  static PackedBatch of(List<TrainingRow> rows) {
    int count = rows.stream().mapToInt(TrainingRow::length).sum();
    int targetCount = rows.stream().mapToInt(TrainingRow::targets).sum();
    PackedBatch batch =
        new PackedBatch(
            new long[count],
            new long[count],
            rows.stream().flatMapToInt(row -> Arrays.stream(row.segmentLengths())).toArray(),
            new long[targetCount],
            new long[targetCount]);
    int at = 0;
    int target = 0;
    for (TrainingRow row : rows) {
      int[] tokens = row.tokens();
      int[] labels = row.labels();
      int start = 0;
      for (int length : row.segmentLengths()) {
        for (int i = 0; i < length; i++, at++) {
          batch.tokens[at] = tokens[start + i];
          batch.positions[at] = i;
          if (i > 0 && labels[start + i] != TrainingRow.IGNORED) {
            batch.predicting[target] = at - 1L;
            batch.targets[target++] = labels[start + i];
          }
        }
        start += length;
      }
    }
    return batch;
  }

  /**
   * Splits rows into micro-batches of at most {@code maxTokens} tokens; a longer row stands alone.
   */
  static List<PackedBatch> split(List<TrainingRow> rows, int maxTokens) {
    List<PackedBatch> batches = new ArrayList<>();
    List<TrainingRow> open = new ArrayList<>();
    int tokens = 0;
    for (TrainingRow row : rows) {
      if (!open.isEmpty() && tokens + row.length() > maxTokens) {
        batches.add(of(open));
        open = new ArrayList<>();
        tokens = 0;
      }
      open.add(row);
      tokens += row.length();
    }
    if (!open.isEmpty()) {
      batches.add(of(open));
    }
    return batches;
  }
}
