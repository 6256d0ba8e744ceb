package io.cria.run;

import io.cria.storage.Manifest;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A table that one stage publishes round by round, from rows that the driver holds.
 *
 * @param name the table's
 * @param stage that writes it
 * @param version of the stage
 * @param schema with an integer column {@code round}
 * @param counts of a round's rows, for its manifest
 */
public record RoundTable(
    String name,
    String stage,
    int version,
    StructType schema,
    Function<List<Row>, Map<String, Long>> counts) {
  /** The order of acceptance: by round, row, item and, where there is one, n. */
  public Comparator<Row> order() {
    return Stream.of("round", "row", "item", "n")
        .filter(column -> schema.getFieldIndex(column).isDefined())
        .map(schema::fieldIndex)
        .map(column -> Comparator.<Row>comparingInt(row -> row.getInt(column)))
        .reduce(Comparator::thenComparing)
        .orElseThrow();
  }

  public boolean isUpToDate(RunContext context, int round, List<Manifest.Input> inputs) {
    return RunTables.upToDate(context, RunTables.round(name, round), stage, version, inputs)
        .isPresent();
  }

  /**
   * Publishes these rounds.
   *
   * @param rows of all of them, in order
   * @param inputs what a round was made from
   */
  public void publish(
      RunContext context,
      List<Integer> rounds,
      List<Row> rows,
      IntFunction<List<Manifest.Input>> inputs) {
    context.checkpoint();
    int column = schema.fieldIndex("round");
    Map<Integer, List<Row>> byRound =
        rows.stream().collect(Collectors.groupingBy(row -> row.getInt(column)));
    for (int round : rounds) {
      List<Row> own = byRound.getOrDefault(round, List.of());
      RunTables.publish(
          context,
          RunTables.round(name, round),
          stage,
          version,
          inputs.apply(round),
          schema,
          own,
          counts.apply(own));
    }
  }
}
