package io.cria.run;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table of a run: {@code RUN/NAME/round=7/…}, or {@code RUN/NAME/stage=S/round=7/…}.
 *
 * @param name its directory, and the name of its view
 * @param columns as a reader of the whole table sees them
 * @param byStage whether it has a directory for each stage
 */
public record TableDeclaration(String name, StructType columns, boolean byStage) {
  private static final String STAGE = "stage";
  private static final String ROUND = "round";
  private static final List<String> ORDER = List.of(ROUND, "row", "item", "n");

  /** The columns of its files: what the directories' names say stands in no file. */
  public StructType fileColumns() {
    StructField[] inFiles =
        Arrays.stream(columns.fields())
            .filter(field -> !field.name().equals(ROUND))
            .filter(field -> !byStage || !field.name().equals(STAGE))
            .toArray(StructField[]::new);
    return new StructType(inFiles);
  }

  /** The directory of a round, of a table that has none for stages. */
  public String round(int round) {
    if (byStage) {
      throw new IllegalStateException(name + " has a directory for each stage");
    }
    return name + "/" + ROUND + "=" + round;
  }

  /** The directory of a stage's round, of a table that has one for each stage. */
  public String round(String stage, int round) {
    if (!byStage) {
      throw new IllegalStateException(name + " has no directory for stages");
    }
    return stage(stage) + "/" + ROUND + "=" + round;
  }

  /** The directory of a stage, of a table that has one for each. */
  public String stage(String stage) {
    return name + "/" + STAGE + "=" + stage;
  }

  /**
   * The integer columns that carry the order of acceptance: round, row, item and n, if it has them.
   */
  public List<String> order() {
    return ORDER.stream().filter(this::has).toList();
  }

  private boolean has(String column) {
    return columns.getFieldIndex(column).isDefined();
  }

  /** The order of acceptance over rows that know their columns by name, within one round. */
  public Comparator<Row> withinRound() {
    return order().stream()
        .filter(column -> !column.equals(ROUND))
        .map(column -> Comparator.<Row>comparingInt(row -> row.<Integer>getAs(column)))
        .reduce(Comparator::thenComparing)
        .orElseThrow();
  }

  /** The directories below a listing of this table (or of one of its stages) that are rounds. */
  static List<Integer> rounds(Stream<String> names) {
    return names
        .filter(name -> name.startsWith(ROUND + "="))
        .map(name -> Integer.valueOf(name.substring(ROUND.length() + 1)))
        .sorted()
        .toList();
  }
}
