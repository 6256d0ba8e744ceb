package io.cria.stage;

import static org.apache.spark.sql.functions.col;

import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
import io.cria.shard.DatasetShards;
import io.cria.shard.HeldOut;
import io.cria.shard.ShardPart;
import io.cria.shard.ShardPlan;
import io.cria.shard.ShardWriter;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.api.java.function.PairFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The examples of a run's dataset as training shards, {@code RUN/shards}. Which model and layout
 * they are for is no part of the run's identity: it stands among the manifest's inputs, so other
 * shards are written when it changes. The bytes are those that {@link DatasetShards} writes in one
 * process of the same examples.
 */
public final class ShardStage implements Stage {
  public static final String DIRECTORY = "shards";

  /** Beside the line: its shards are no table. */
  private static final StageDeclaration DECLARATION =
      new StageDeclaration(
          DIRECTORY, 2, new TableDeclaration(DIRECTORY, new StructType(), false), false, List.of());

  private final ShardTask.Encoding encoding;
  private final ShardPlan plan;

  /**
   * @param tokenizer of the model to tune; may be closed afterwards
   * @param template how examples are laid out for it
   */
  public ShardStage(ModelTokenizer tokenizer, TemplateSource template, ShardPlan plan) {
    this.encoding = ShardTask.Encoding.of(tokenizer, template);
    this.plan = plan;
  }

  @Override
  public StageDeclaration declaration() {
    return DECLARATION;
  }

  @Override
  public boolean run(RunContext context) {
    List<Manifest.Input> inputs = inputs(context);
    if (RunTables.upToDate(context, DIRECTORY, DECLARATION, inputs).isPresent()) {
      return false;
    }
    context.checkpoint();
    JavaRDD<Row> examples = examples(context);
    HeldOut heldOut = heldOut(context, examples);
    String temporary = context.run().newTemporary();
    String attempts = context.run().newTemporary();
    List<ShardTask.Part> parts = write(context, examples, heldOut, attempts);
    context.run().replace(temporary + "/" + DatasetShards.TOKENIZER, encoding.json());
    ShardPart.Written written = manifests(context, parts, temporary);
    context.run().delete(attempts);
    context.checkpoint();
    RunTables.publishWhole(
        context, DIRECTORY, temporary, manifest(context, inputs, written, temporary));
    return true;
  }

  private List<Manifest.Input> inputs(RunContext context) {
    return List.of(
        new Commits(context.run()).input("dataset"),
        new Manifest.Input("tokenizer", encoding.tokenizerHash()),
        new Manifest.Input("template", encoding.templateHash()),
        new Manifest.Input("plan", Ids.sha256(plan.toString())));
  }

  /** The dataset's examples in their order. */
  private static JavaRDD<Row> examples(RunContext context) {
    Dataset<Row> stored =
        context
            .spark()
            .read()
            .schema(Schemas.EXAMPLES)
            .parquet(context.run().path("dataset/parquet"));
    return stored.orderBy(col("round"), col("row"), col("item"), col("n")).toJavaRDD();
  }

  private HeldOut heldOut(RunContext context, JavaRDD<Row> examples) {
    if (plan.evaluationShare() == 0) {
      return new HeldOut(plan.seed(), "");
    }
    context.job("choose the held-out examples");
    JavaRDD<String> keys = examples.map(new Key(plan.seed())).distinct();
    int count = HeldOut.count(plan.evaluationShare(), Math.toIntExact(keys.count()));
    return new HeldOut(plan.seed(), count == 0 ? "" : keys.takeOrdered(count).get(count - 1));
  }

  private List<ShardTask.Part> write(
      RunContext context, JavaRDD<Row> examples, HeldOut heldOut, String attempts) {
    context.job("write the shards");
    JavaPairRDD<Long, Row> numbered = examples.zipWithIndex().mapToPair(new ByNumber());
    int parts =
        Math.toIntExact((numbered.count() + plan.examplesPerPart() - 1) / plan.examplesPerPart());
    List<ShardTask.Part> written =
        new ArrayList<>(
            numbered
                .repartitionAndSortWithinPartitions(
                    new ByPart(Math.max(1, parts), plan.examplesPerPart()))
                .mapPartitions(
                    new ShardTask(
                        context.run().root(),
                        attempts,
                        encoding,
                        plan,
                        heldOut,
                        new SerializableConfiguration(
                            context.spark().sparkContext().hadoopConfiguration())))
                .collect());
    written.sort(Comparator.comparingInt(ShardTask.Part::number));
    return written;
  }

  /** Gives the parts' files their names and puts the manifests of both sides beside them. */
  private static ShardPart.Written manifests(
      RunContext context, List<ShardTask.Part> parts, String temporary) {
    ShardPart.Written written = ShardPart.Written.NONE;
    for (ShardTask.Part part : parts) {
      part.moves().forEach((from, to) -> context.run().rename(from, temporary + "/" + to));
      written = written.plus(part.written());
    }
    Path local = null;
    try {
      local = Files.createTempDirectory("cria-shards");
      Files.createDirectories(local.resolve(ShardPart.TRAINING));
      Files.createDirectories(local.resolve(ShardPart.EVALUATION));
      DatasetShards.writeManifests(local, written);
      for (String side : List.of(ShardPart.TRAINING, ShardPart.EVALUATION)) {
        Path manifest = local.resolve(side).resolve(ShardWriter.MANIFEST);
        if (Files.exists(manifest)) {
          context
              .run()
              .replace(
                  temporary + "/" + side + "/" + ShardWriter.MANIFEST, Files.readString(manifest));
        }
      }
    } catch (IOException e) {
      throw ShardTask.localFault(e);
    } finally {
      ShardTask.delete(local);
    }
    return written;
  }

  private Manifest manifest(
      RunContext context,
      List<Manifest.Input> inputs,
      ShardPart.Written written,
      String temporary) {
    List<Manifest.File> files = new ArrayList<>();
    files.add(file(context.run(), temporary, DatasetShards.TOKENIZER));
    files(context, temporary, ShardPart.TRAINING, written.training().files(), files);
    files(context, temporary, ShardPart.EVALUATION, written.evaluation().files(), files);
    Map<String, Long> counts = new TreeMap<>();
    counts.put("train", written.training().counts().written());
    counts.put("evaluation", written.evaluation().counts().written());
    counts.put("cut", written.training().counts().cut() + written.evaluation().counts().cut());
    counts.put(
        "too_long",
        written.training().counts().dropped() + written.evaluation().counts().dropped());
    counts.put(
        "without_labels",
        written.training().counts().withoutLabels()
            + written.evaluation().counts().withoutLabels());
    written
        .training()
        .counts()
        .plus(written.evaluation().counts())
        .refused()
        .forEach((reason, count) -> counts.put("refused_" + reason, count));
    return RunTables.manifest(context, DECLARATION, inputs, counts)
        .withFiles(files.stream().map(file -> file.in(DIRECTORY)).toList());
  }

  private static void files(
      RunContext context,
      String temporary,
      String side,
      List<String> names,
      List<Manifest.File> files) {
    RunDirectory run = context.run();
    for (String name : names) {
      files.add(file(run, temporary, side + "/" + name));
    }
    String manifest = side + "/" + ShardWriter.MANIFEST;
    if (run.exists(temporary + "/" + manifest)) {
      files.add(file(run, temporary, manifest));
    }
  }

  private static Manifest.File file(RunDirectory run, String temporary, String name) {
    String path = temporary + "/" + name;
    return new Manifest.File(name, -1, run.size(path), run.sha256(path));
  }

  private static final class Key implements Function<Row, String> {
    private static final long serialVersionUID = 1L;

    private final long seed;

    Key(long seed) {
      this.seed = seed;
    }

    @Override
    public String call(Row row) {
      return HeldOut.key(seed, row.getAs("instruction"));
    }
  }

  private static final class ByNumber implements PairFunction<Tuple2<Row, Long>, Long, Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public Tuple2<Long, Row> call(Tuple2<Row, Long> numbered) {
      return numbered.swap();
    }
  }

  /** Equally many consecutive examples to a partition. */
  private static final class ByPart extends HashPartitioner {
    private static final long serialVersionUID = 1L;

    private final int examplesPerPart;

    ByPart(int parts, int examplesPerPart) {
      super(parts);
      this.examplesPerPart = examplesPerPart;
    }

    @Override
    public int getPartition(Object number) {
      return (int) ((Long) number / examplesPerPart);
    }
  }
}
