package io.cria.stage;

import io.cria.ask.PlannedRequest.Subject;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/** The kept candidates that later stages ask about, round by round in acceptance order. */
final class Subjects {
  private final RunContext context;
  private final boolean classified;

  Subjects(RunContext context) {
    this.context = context;
    this.classified = context.config().stages().contains("classify");
  }

  /** Rounds of generation that are committed. */
  static List<Integer> rounds(RunContext context) {
    return IntStream.range(0, GenerateStage.committed(context).size()).boxed().toList();
  }

  /** Kept candidates of a round, without their class. */
  List<Subject> of(int round) {
    context.job("kept instructions of round " + round);
    List<Subject> subjects = new ArrayList<>();
    for (Row row : kept(round)) {
      subjects.add(
          new Subject(
              row.getString(0), round, row.getInt(1), row.getInt(2), row.getString(3), null));
    }
    return subjects;
  }

  /**
   * Kept candidates of a round with their class; in a recipe that does not ask, none is a
   * classification task.
   */
  List<Subject> withClass(int round) {
    Map<String, Boolean> classes = new HashMap<>();
    if (classified) {
      for (Row row :
          RunTables.read(
                  context, Schemas.CLASSIFIED, List.of(RunTables.round(ClassifyStage.TABLE, round)))
              .select("candidate_id", "is_classification")
              .collectAsList()) {
        classes.put(row.getString(0), row.getBoolean(1));
      }
    }
    return of(round).stream()
        .map(
            s ->
                new Subject(
                    s.candidateId(),
                    s.round(),
                    s.row(),
                    s.item(),
                    s.instruction(),
                    classes.getOrDefault(s.candidateId(), false)))
        .toList();
  }

  private List<Row> kept(int round) {
    return RunTables.read(
            context, Schemas.CANDIDATES, List.of(RunTables.round("candidates", round)))
        .filter("kept")
        .orderBy("row", "item")
        .select("candidate_id", "row", "item", "instruction")
        .collectAsList();
  }

  /** What stands for the candidates of a round. */
  Manifest.Input candidates(int round) {
    return context.run().input(RunTables.round("candidates", round));
  }

  /** What stands for the candidates of a round and, where the recipe asks, their classes. */
  List<Manifest.Input> inputsWithClass(int round) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(candidates(round));
    if (classified) {
      inputs.add(context.run().input(RunTables.round(ClassifyStage.TABLE, round)));
    }
    return inputs;
  }
}
