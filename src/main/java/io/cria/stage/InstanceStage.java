package io.cria.stage;

import io.cria.config.Identity.Instances;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Candidate;
import io.cria.task.Ids;
import io.cria.task.Instance;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/**
 * Gives each kept instruction its instances (Self-Instruct, section 2.2, step 3): output first for
 * classification tasks, input first for all others. In a recipe whose generating answer holds input
 * and output already, that pair is the one instance, and nothing is asked.
 */
public final class InstanceStage implements Stage {
  @Override
  public StageDeclaration declaration() {
    return Line.INSTANCES;
  }

  @Override
  public boolean run(RunContext context) {
    Instances instances = context.config().instances();
    return instances == null
        ? take(context)
        : new QuestionRounds(context, new ForInstances(context, instances)).run();
  }

  static Map<String, Long> counts(List<Row> rows) {
    Map<String, Long> counts = new TreeMap<>(Map.of("kept", 0L));
    for (Row row : rows) {
      String reason = row.getAs("reason");
      counts.merge(reason == null ? "kept" : reason, 1L, Long::sum);
    }
    return counts;
  }

  /** Where nothing is asked: the pairs that the generating answers held, round by round. */
  private static boolean take(RunContext context) {
    Subjects subjects = new Subjects(context);
    boolean worked = false;
    for (int round : subjects.ready(Subjects.rounds(context))) {
      List<Manifest.Input> inputs = subjects.inputsWithClass(round);
      String directory = Line.INSTANCES.table().round(round);
      if (RunTables.upToDate(context, RunTables.firstPart(directory), Line.INSTANCES, inputs)
          .isEmpty()) {
        context.checkpoint();
        List<Row> rows = taken(context, round);
        Manifest unused =
            RunTables.publishPart(
                context,
                Line.INSTANCES.table(),
                directory,
                0,
                rows,
                RunTables.manifest(context, Line.INSTANCES, inputs, counts(rows)));
        worked = true;
      }
    }
    return worked;
  }

  /** The pair that the generating answer held, as the one instance of each kept candidate. */
  private static List<Row> taken(RunContext context, int round) {
    context.job("take the instances of the answers");
    return RunTables.read(context, Line.GENERATE.table(), List.of(round))
        .filter("kept")
        .orderBy("row", "item")
        .collectAsList()
        .stream()
        .map(Rows::candidate)
        .map(c -> Rows.of(only(c), c.raw()))
        .toList();
  }

  private static Instance only(Candidate c) {
    return new Instance(
        Ids.instance(c.candidateId(), 0),
        c.candidateId(),
        c.answerId(),
        c.round(),
        c.row(),
        c.item(),
        0,
        Objects.requireNonNullElse(c.input(), ""),
        Objects.requireNonNullElse(c.output(), ""),
        null);
  }
}
