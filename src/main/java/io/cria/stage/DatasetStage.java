package io.cria.stage;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.cria.config.Identity.Encoding;
import io.cria.prompt.FineTuningEncoding;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Example;
import io.cria.task.Ids;
import io.cria.task.InputOutput;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * Kept instances to training examples, round by round, and from all of them the dataset's files.
 * Where a cap has the line end short of its target, this stage says so: it does its work and fails.
 */
public final class DatasetStage implements Stage {
  /** Before a reason, in the counts of the dataset's manifest. */
  public static final String LEFT_OUT = "left_out_";

  @Override
  public StageDeclaration declaration() {
    return Line.DATASET;
  }

  @Override
  public boolean run(RunContext context) {
    Through through = new Through(context);
    List<Integer> rounds = ExportSelection.rounds(context, through.rounds());
    boolean worked = false;
    for (int round : rounds) {
      List<Manifest.Input> inputs = through.inputs(round);
      if (RunTables.upToDate(context, directory(round), Line.DATASET, inputs).isEmpty()) {
        encode(context, round, inputs);
        worked = true;
      }
    }
    worked |= new Exports(context, rounds).run();
    if (context.shortfall().isThere()) {
      throw through.end(rounds);
    }
    return worked;
  }

  private static String directory(int round) {
    return Line.DATASET.table().round(round);
  }

  private static void encode(RunContext context, int round, List<Manifest.Input> inputs) {
    context.checkpoint();
    context.job("encode the examples of round " + round);
    Dataset<Row> examples =
        finished(context, round)
            .map(new Encode(settings(context)), Encoders.row(Schemas.EXAMPLES))
            .coalesce(1)
            .sortWithinPartitions("row", "item", "n")
            .drop("round");
    Manifest unused =
        RunTables.publish(context, Line.DATASET, directory(round), inputs, examples, Map.of());
  }

  /** Kept instances of a round with their instruction and class. */
  private static Dataset<Row> finished(RunContext context, int round) {
    Dataset<Row> instances =
        RunTables.read(context, Line.INSTANCES.table(), List.of(round))
            .filter("kept")
            .select("instance_id", "candidate_id", "round", "row", "item", "n", "input", "output");
    Dataset<Row> instructions =
        RunTables.read(context, Line.GENERATE.table(), List.of(round))
            .select("candidate_id", "instruction");
    Dataset<Row> joined = instances.join(instructions, "candidate_id");
    if (!Subjects.asks(context)) {
      return joined.withColumn("is_classification", lit(false));
    }
    Dataset<Row> classes =
        RunTables.read(context, Line.CLASSIFY.table(), List.of(round))
            .select("candidate_id", "is_classification");
    return joined
        .join(classes, joined.col("candidate_id").equalTo(classes.col("candidate_id")), "left")
        .drop(classes.col("candidate_id"))
        .withColumn(
            "is_classification",
            coalesce(col("is_classification").cast(DataTypes.BooleanType), lit(false)));
  }

  private static Settings settings(RunContext context) {
    Encoding encoding = context.config().encoding();
    return new Settings(
        encoding.layout(),
        encoding.endOfText(),
        context.config().rounds().seed(),
        context.config().model(),
        context.config().recipe(),
        context.config().words());
  }

  /** What the encoding of an example depends on, beside the example. */
  record Settings(
      String layout, String endOfText, long seed, String model, String recipe, Labels labels)
      implements java.io.Serializable {
    private FineTuningEncoding encoding() {
      return FineTuningEncoding.named(layout, endOfText, labels);
    }

    /** One instance as an example. */
    Example example(Place place, Text text, boolean isClassification, String source) {
      FineTuningEncoding.Encoded encoded =
          encoding()
              .encode(
                  text.instruction(),
                  text.input(),
                  text.output(),
                  FineTuningEncoding.randomFor(
                      seed, place.round(), place.row(), place.item(), place.n()));
      return new Example(
          Ids.example(place.instanceId(), encoded.encoding()),
          place.instanceId(),
          place.round(),
          place.row(),
          place.item(),
          place.n(),
          text.instruction(),
          text.input(),
          text.output(),
          isClassification,
          source,
          source.equals(Example.MACHINE) ? model : "",
          recipe,
          encoded.prompt(),
          encoded.completion(),
          encoded.messages());
    }
  }

  /** Which instance, and where it stands in the order. */
  record Place(String instanceId, int round, int row, int item, int n) {}

  /** What an instance says. */
  record Text(String instruction, String input, String output) {}

  /** The seed tasks as examples: round -1, in file order. */
  static List<Example> seeds(RunContext context) {
    Settings settings = settings(context);
    List<Example> examples = new ArrayList<>();
    for (int row = 0; row < context.seeds().size(); row++) {
      SeedTask seed = context.seeds().get(row);
      for (int n = 0; n < seed.instances().size(); n++) {
        InputOutput pair = seed.instances().get(n);
        examples.add(
            settings.example(
                new Place(Ids.instance(seed.id(), n), -1, row, 0, n),
                new Text(seed.instruction(), pair.input(), pair.output()),
                seed.isClassification(),
                Example.SEED));
      }
    }
    return examples;
  }

  private static final class Encode implements MapFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final Settings settings;

    Encode(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Row call(Row row) {
      Place place =
          new Place(
              row.getAs("instance_id"),
              row.<Integer>getAs("round"),
              row.<Integer>getAs("row"),
              row.<Integer>getAs("item"),
              row.<Integer>getAs("n"));
      Text text = new Text(row.getAs("instruction"), row.getAs("input"), row.getAs("output"));
      return Rows.of(
          settings.example(place, text, row.<Boolean>getAs("is_classification"), Example.MACHINE));
    }
  }
}
