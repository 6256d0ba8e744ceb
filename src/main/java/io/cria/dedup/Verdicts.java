package io.cria.dedup;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.cria.task.Reason;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What was decided of every record, by its number over all inputs; travels to the executors. */
final class Verdicts implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int KEPT = -1;

  static final String REASON = "_reason";
  static final String NEIGHBOUR = "_neighbour";
  static final String SCORE = "_score";
  static final List<String> COLUMNS = List.of(REASON, NEIGHBOUR, SCORE);

  private static final StructType NEIGHBOUR_TYPE =
      new StructType()
          .add("input", DataTypes.StringType, false)
          .add("row", DataTypes.LongType, false);

  private final String[] inputs;
  private final int[] firsts;
  private final int[] neighbours;
  private final double[] scores;

  /**
   * @param inputs names as they were given
   * @param firsts number of each input's first record
   */
  Verdicts(List<String> inputs, int[] firsts, int records) {
    this.inputs = inputs.toArray(String[]::new);
    this.firsts = firsts.clone();
    this.neighbours = new int[records];
    this.scores = new double[records];
    Arrays.fill(neighbours, KEPT);
  }

  void drop(int record, int neighbour, double score) {
    neighbours[record] = neighbour;
    scores[record] = score;
  }

  boolean kept(int record) {
    return neighbours[record] == KEPT;
  }

  int first(int input) {
    return firsts[input];
  }

  int size() {
    return neighbours.length;
  }

  /** Kept records of one input. */
  long kept(int input, int records) {
    long count = 0;
    for (int i = firsts[input]; i < firsts[input] + records; i++) {
      count += kept(i) ? 1 : 0;
    }
    return count;
  }

  /** The input in which a record stands. */
  private int input(int record) {
    int input = 0;
    while (input + 1 < firsts.length && firsts[input + 1] <= record) {
      input++;
    }
    return input;
  }

  double score(int record) {
    return scores[record];
  }

  String neighbourInput(int record) {
    return inputs[input(neighbours[record])];
  }

  /** Row of the neighbour within its input, from 0. */
  long neighbourRow(int record) {
    return (long) neighbours[record] - firsts[input(neighbours[record])];
  }

  /** The JSON object of a dropped record with reason, neighbour and score at its end. */
  String withReason(String json, int record) {
    String open = json.substring(0, json.lastIndexOf('}')).stripTrailing();
    StringBuilder text = new StringBuilder(open.length() + 120).append(open);
    text.append(open.endsWith("{") ? "" : ", ");
    text.append("\"_reason\": \"")
        .append(Reason.SIMILAR)
        .append("\", \"_neighbour\": {\"input\": \"");
    JsonStringEncoder.getInstance().quoteAsString(neighbourInput(record), text);
    text.append("\", \"row\": ").append(neighbourRow(record));
    return text.append("}, \"_score\": ").append(score(record)).append('}').toString();
  }

  /** The schema of dropped records, given that of the input's. */
  static StructType withReason(StructType schema) {
    return schema
        .add(REASON, DataTypes.StringType, false)
        .add(NEIGHBOUR, NEIGHBOUR_TYPE, false)
        .add(SCORE, DataTypes.DoubleType, false);
  }
}
