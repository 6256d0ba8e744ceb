package io.cria.run;

import java.util.List;
import java.util.Objects;

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

  /** The directory of a round of its requests. */
  public String requests(int round) {
    return Line.REQUESTS.round(name, round);
  }

  /** The directory of a round of its answers. */
  public String answers(int round) {
    return Line.ANSWERS.round(name, round);
  }
}
