package io.cria.dedup;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What was decided of every record, by its number over all inputs; travels to the executors. */
abstract class Verdicts implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String REASON = "_reason";
  static final String NEIGHBOUR = "_neighbour";
  static final String SCORE = "_score";
  static final List<String> COLUMNS = List.of(REASON, NEIGHBOUR, SCORE);

  private static final StructType NEIGHBOUR_TYPE =
      new StructType()
          .add("input", DataTypes.StringType, false)
          .add("row", DataTypes.LongType, false);

  private final int[] firsts;

  /**
   * @param firsts number of each input's first record
   */
  Verdicts(int[] firsts) {
    this.firsts = firsts.clone();
  }

  final int first(int input) {
    return firsts[input];
  }

  /** The input in which a record stands. */
  final int input(int record) {
    int input = 0;
    while (input + 1 < firsts.length && firsts[input + 1] <= record) {
      input++;
    }
    return input;
  }

  /** Records of all inputs. */
  abstract int size();

  /** For one task. */
  abstract Decided open();

  /** The schema of dropped records, given that of the input's. */
  static StructType withReason(StructType schema) {
    return schema
        .add(REASON, DataTypes.StringType, false)
        .add(NEIGHBOUR, NEIGHBOUR_TYPE, true)
        .add(SCORE, DataTypes.DoubleType, true);
  }
}
