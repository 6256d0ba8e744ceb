package io.cria.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nullif;

import io.cria.config.ModerationConfig;
import io.cria.run.HeldRows;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What moderation says of each kept instance with its instruction, round by round. It drops
 * nothing: the dataset does, by its policy. A recipe need not name this stage; then it may be
 * called on a run that is through the others.
 */
public final class ModerateStage implements Stage {
  public static final String NAME = "moderate";

  @Override
  public StageDeclaration declaration() {
    return Line.MODERATE;
  }

  @Override
  public boolean run(RunContext context) {
    Through through = new Through(context);
    Moderator moderator = moderator(context);
    boolean worked = false;
    for (int round : through.rounds()) {
      List<Manifest.Input> inputs = new ArrayList<>(through.inputs(round));
      inputs.add(moderator.input());
      if (RunTables.upToDate(context, directory(round), Line.MODERATE, inputs).isEmpty()) {
        moderate(context, round, moderator, inputs);
        worked = true;
      }
    }
    requireSome(context, through.rounds());
    return worked;
  }

  /** The one place that decides who moderates. */
  private static Moderator moderator(RunContext context) {
    ModerationConfig given = context.config().moderation();
    ModerationConfig config = given == null ? ModerationConfig.DEFAULT : given;
    ModerationConfig.Service service = config.service();
    return service == null
        ? RuleModerator.of(config.languages(), context.spark().sparkContext().hadoopConfiguration())
        : new ServiceModerator(context, service);
  }

  static String directory(int round) {
    return Line.MODERATE.table().round(round);
  }

  private static void moderate(
      RunContext context, int round, Moderator moderator, List<Manifest.Input> inputs) {
    context.checkpoint();
    context.job("moderate the instances of round " + round);
    try (HeldRows held = HeldRows.of(moderator.moderated(round, inputs, texts(context, round)))) {
      Dataset<Row> moderated = held.rows();
      Manifest unused =
          RunTables.publish(
              context,
              Line.MODERATE,
              directory(round),
              inputs,
              moderated.repartition(1).sortWithinPartitions("row", "item", "n").drop("round"),
              counts(moderated));
    }
  }

  /** Kept instances of a round: instruction, input and output, a line break between each two. */
  private static Dataset<Row> texts(RunContext context, int round) {
    Dataset<Row> instances =
        RunTables.read(context, Line.INSTANCES.table(), List.of(round))
            .filter("kept")
            .select("instance_id", "candidate_id", "round", "row", "item", "n", "input", "output");
    Dataset<Row> instructions =
        RunTables.read(context, Line.GENERATE.table(), List.of(round))
            .select("candidate_id", "instruction");
    return instances
        .join(instructions, "candidate_id")
        .withColumn(
            Moderator.TEXT,
            concat_ws(
                "\n",
                col("instruction"),
                nullif(col("input"), lit("")),
                nullif(col("output"), lit(""))))
        .select("instance_id", "round", "row", "item", "n", Moderator.TEXT);
  }

  private static Map<String, Long> counts(Dataset<Row> moderated) {
    Row sums =
        moderated
            .agg(count(lit(1)), expr("count_if(flagged)"), expr("count_if(size(pii) > 0)"))
            .head();
    Map<String, Long> counts = new TreeMap<>();
    counts.put("unflagged", sums.getLong(0) - sums.getLong(1));
    counts.put("flagged", sums.getLong(1));
    counts.put("pii", sums.getLong(2));
    return counts;
  }

  /** Moderation of nothing is none. In a recipe that has the stage, the dataset tells of it. */
  private static void requireSome(RunContext context, List<Integer> rounds) {
    boolean isBeside = !context.config().stages().contains(Line.MODERATE.name());
    long rows =
        rounds.stream()
            .flatMap(round -> RunTables.committed(context.run(), directory(round)).stream())
            .mapToLong(Manifest::rows)
            .sum();
    if (isBeside && rows == 0) {
      throw CriaException.badInput(
          context.run().root()
              + ": no kept instance to moderate: look at cria status for how far the run is");
    }
  }
}
