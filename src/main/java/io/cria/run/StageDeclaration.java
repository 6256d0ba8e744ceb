package io.cria.run;

import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.types.StructType;

/**
 * What a stage says of itself, once. Whoever needs to know the stages of the line (which names a
 * run file may list, which tables a run has, what is counted, what asks) reads it here.
 *
 * @param name in commands, run files, manifests and ledger
 * @param version of what it makes: another one makes its tables anew
 * @param table what it makes
 * @param asks whether it may ask the model
 * @param needs keys of the run file that it cannot do without
 */
public record StageDeclaration(
    String name, int version, TableDeclaration table, boolean asks, List<String> needs) {
  public StageDeclaration {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(table, "table");
    needs = List.copyOf(needs);
  }

  /**
   * A stage that asks beside the line: its table has its name.
   *
   * @param columns of its table
   */
  public static StageDeclaration beside(String name, int version, StructType columns) {
    return new StageDeclaration(
        name, version, new TableDeclaration(name, columns, false), true, List.of());
  }

  /** The directory of a round of its requests. */
  public String requests(int round) {
    return Line.REQUESTS.round(name, round);
  }

  /** The directory of a round of its answers. */
  public String answers(int round) {
    return Line.ANSWERS.round(name, round);
  }
}
