package io.cria.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.cria.config.RunConfig;
import io.cria.dataset.CardFacts;
import io.cria.dataset.ExampleFormat;
import io.cria.dataset.FineTuningSelection;
import io.cria.run.HeldRows;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of {@code RUN/dataset}, from all examples in their order. Text formats are written in
 * parallel parts by range of the order, and joined; the bytes do not depend on how many parts there
 * were. The directory is replaced whole.
 */
final class Exports {
  static final String DIRECTORY = "dataset";

  private static final long ROWS_PER_PARQUET_FILE = 200_000;
  private static final String[] ORDER = {"round", "row", "item", "n"};

  private final RunContext context;
  private final List<Integer> rounds;
  private final ExportSelection selection;

  Exports(RunContext context, List<Integer> rounds) {
    this.context = context;
    this.rounds = rounds;
    this.selection = new ExportSelection(context, rounds);
  }

  /** Writes the dataset, unless it stands there already. */
  boolean run() {
    requireExamples();
    List<Manifest.Input> inputs = inputs();
    if (RunTables.upToDate(context, DIRECTORY, Line.DATASET, inputs).isPresent()) {
      return false;
    }
    context.checkpoint();
    String temporary = context.run().newTemporary();
    List<Manifest.File> files = new ArrayList<>();
    ExportSelection.Selected selected = selection.of(machine());
    HeldRows held = HeldRows.of(examples(selected.examples()));
    Dataset<Row> examples = held.rows();
    try {
      files.addAll(parquet(examples, temporary));
      for (ExampleFormat format : formats()) {
        files.add(text(examples, format, temporary));
      }
      ExportCards cards = cards(selected.judged());
      files.add(cards.croissant(files, temporary));
      files.add(cards.card(examples, formats(), temporary));
    } finally {
      held.close();
      selected.close();
    }
    context.checkpoint();
    Manifest manifest =
        RunTables.manifest(context, Line.DATASET, inputs, selected.counts())
            .withFiles(files.stream().map(file -> file.in(DIRECTORY)).toList())
            .withTerms(context.config().terms().stated());
    RunTables.publishWhole(context, DIRECTORY, temporary, manifest);
    return true;
  }

  /**
   * Nothing the model wrote is no dataset, whatever the seeds are; where a cap cut the line it may
   * yet be one.
   */
  private void requireExamples() {
    long rows = 0;
    for (int round : rounds) {
      for (Manifest part : RunTables.committed(context.run(), Line.DATASET.table().round(round))) {
        rows += part.rows();
      }
    }
    if (rows == 0 && context.shortfall().hasCut()) {
      throw Through.nothing(context);
    }
    if (rows == 0) {
      throw new CriaException(
          ExitCode.ENDPOINT,
          context.run().root()
              + ": not one example was made: look at cria show --rejected for what the model"
              + " answers, mend model or recipe, and begin another run");
    }
  }

  private List<Manifest.Input> inputs() {
    List<Manifest.Input> inputs = new ArrayList<>();
    RunConfig config = context.config();
    String terms = config.terms().areStated() ? " " + config.terms().stated() : "";
    List<String> languages = config.languages();
    String told = languages == null ? terms : terms + " " + languages;
    inputs.add(
        new Manifest.Input(
            "options",
            Ids.sha256(
                config.exports() + " " + config.includeSeeds() + selection.options() + told)));
    for (int round : rounds) {
      inputs.add(RunTables.input(context.run(), Line.DATASET.table().round(round)));
    }
    inputs.addAll(selection.inputs());
    return inputs;
  }

  private ExportCards cards(CardFacts.Judged judged) {
    return new ExportCards(context, rounds, judged);
  }

  private List<ExampleFormat> formats() {
    List<ExampleFormat> formats = new ArrayList<>();
    for (String export : context.config().exports()) {
      switch (export) {
        case "alpaca" -> {
          formats.add(ExampleFormat.ALPACA_JSON);
          formats.add(ExampleFormat.ALPACA_JSONL);
        }
        case "self-instruct" -> formats.add(ExampleFormat.SELF_INSTRUCT);
        case "prompt-completion" -> formats.add(ExampleFormat.PROMPT_COMPLETION);
        case "chat" -> formats.add(ExampleFormat.CHAT);
        case "sharegpt" -> formats.add(ExampleFormat.SHAREGPT);
        case "alpaca-eval" -> formats.add(ExampleFormat.ALPACA_EVAL);
        default -> {
          // parquet is always written: the card and the tables refer to it
        }
      }
    }
    return formats;
  }

  private Dataset<Row> machine() {
    return RunTables.read(context, Line.DATASET.table(), rounds);
  }

  /**
   * All examples of the dataset: seeds where they are wanted, then those of the machine's that are
   * selected, or of a sample of them.
   */
  private Dataset<Row> examples(Dataset<Row> selected) {
    Dataset<Row> machine = sampled(selected);
    if (!context.config().includeSeeds()) {
      return machine;
    }
    List<Row> seeds = new ArrayList<>(DatasetStage.seeds(context).stream().map(Rows::of).toList());
    // nobody moderates seed tasks: what is said of the machine's examples is null for them
    return context.spark().createDataFrame(seeds, Schemas.EXAMPLES).unionByName(machine, true);
  }

  private Dataset<Row> sampled(Dataset<Row> machine) {
    Integer wanted = context.config().encoding().instructions();
    if (wanted == null) {
      return machine;
    }
    Dataset<Row> sample =
        machine
            .select("instruction")
            .distinct()
            .map(new Keyed(context.config().rounds().seed()), Encoders.row(Keyed.SCHEMA))
            .orderBy("sample_key")
            .limit(wanted)
            .select("instruction");
    return machine.join(
        sample, machine.col("instruction").equalTo(sample.col("instruction")), "left_semi");
  }

  /** An instruction with what orders it in the sample. */
  private static final class Keyed implements MapFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    static final StructType SCHEMA =
        new StructType()
            .add("instruction", DataTypes.StringType, false)
            .add("sample_key", DataTypes.StringType, false);

    private final long seed;

    Keyed(long seed) {
      this.seed = seed;
    }

    @Override
    public Row call(Row row) {
      String instruction = row.getString(0);
      return RowFactory.create(instruction, FineTuningSelection.sampleKey(seed, instruction));
    }
  }

  /** Whole rounds go to a file until it has enough rows: the bytes depend on the examples alone. */
  private List<Manifest.File> parquet(Dataset<Row> examples, String temporary) {
    List<Manifest.File> files = new ArrayList<>();
    for (List<Integer> fileRounds : fileRounds(examples)) {
      String directory = context.run().newTemporary();
      context.job("export parquet");
      examples
          .filter(col("round").isInCollection(fileRounds))
          .coalesce(1)
          .sortWithinPartitions(orderColumns())
          .write()
          .parquet(context.run().path(directory));
      for (Manifest.File part :
          RunTables.tidy(
              context.run(),
              directory,
              context.spark().sparkContext().hadoopConfiguration(),
              ExportCards.metadata(context))) {
        String name = String.format(Locale.ROOT, "parquet/part-%05d.parquet", files.size());
        context.run().rename(directory + "/" + part.name(), temporary + "/" + name);
        files.add(new Manifest.File(name, part.rows(), part.bytes(), part.sha256()));
      }
      context.run().delete(directory);
    }
    return files;
  }

  private static List<List<Integer>> fileRounds(Dataset<Row> examples) {
    List<List<Integer>> files = new ArrayList<>();
    List<Integer> current = new ArrayList<>();
    long rows = 0;
    for (Row count : examples.groupBy("round").count().orderBy("round").collectAsList()) {
      current.add(count.getInt(0));
      rows += count.getLong(1);
      if (rows >= ROWS_PER_PARQUET_FILE) {
        files.add(current);
        current = new ArrayList<>();
        rows = 0;
      }
    }
    if (!current.isEmpty() || files.isEmpty()) {
      files.add(current);
    }
    return files;
  }

  private static org.apache.spark.sql.Column[] orderColumns() {
    return java.util.Arrays.stream(ORDER)
        .map(org.apache.spark.sql.functions::col)
        .toArray(org.apache.spark.sql.Column[]::new);
  }

  private static int parts(Dataset<Row> examples) {
    return Math.max(1, examples.sparkSession().sparkContext().defaultParallelism());
  }

  private Manifest.File text(Dataset<Row> examples, ExampleFormat format, String temporary) {
    context.job("export " + format.fileName());
    String directory = context.run().newTemporary();
    Dataset<Row> chosen =
        format == ExampleFormat.PROMPT_COMPLETION ? withoutDuplicates(examples) : examples;
    // by instruction, so that the instances of one are in one part
    List<Piece> parts =
        new ArrayList<>(
            chosen
                .repartitionByRange(parts(examples), col("round"), col("row"), col("item"))
                .sortWithinPartitions(orderColumns())
                .toJavaRDD()
                .mapPartitions(
                    new WritePiece(
                        context.run().root(),
                        directory,
                        format.name(),
                        new SerializableConfiguration(
                            context.spark().sparkContext().hadoopConfiguration())))
                .collect());
    parts.sort(Comparator.comparingInt(Piece::partition));
    String file = temporary + "/" + format.fileName();
    join(parts, format, file);
    context.run().delete(directory);
    long records = parts.stream().mapToLong(Piece::records).sum();
    return new Manifest.File(
        format.fileName(), records, context.run().size(file), context.run().sha256(file));
  }

  /** The first of several examples with one prompt and one completion, as the published program. */
  private static Dataset<Row> withoutDuplicates(Dataset<Row> examples) {
    return examples
        .withColumn(
            "_copy",
            row_number().over(Window.partitionBy("prompt", "completion").orderBy(orderColumns())))
        .filter("_copy = 1")
        .drop("_copy");
  }

  private void join(List<Piece> parts, ExampleFormat format, String file) {
    RunDirectory run = context.run();
    try (OutputStream out = run.create(file)) {
      boolean first = true;
      for (Piece part : parts) {
        if (part.records() > 0) {
          out.write((first ? format.head() : format.separator()).getBytes(StandardCharsets.UTF_8));
          try (InputStream in = run.open(part.path())) {
            in.transferTo(out);
          }
          first = false;
        }
      }
      out.write((first ? format.emptyFile() : format.tail()).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(run.path(file) + " cannot be written", e);
    }
  }

  /** A part file on its way. */
  private record Piece(int partition, String path, long records) implements java.io.Serializable {}

  private static final class WritePiece implements FlatMapFunction<Iterator<Row>, Piece> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final String directory;
    private final String format;
    private final SerializableConfiguration hadoop;

    WritePiece(String root, String directory, String format, SerializableConfiguration hadoop) {
      this.root = root;
      this.directory = directory;
      this.format = format;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Piece> call(Iterator<Row> rows) {
      ExampleFormat written = ExampleFormat.valueOf(format);
      TaskContext task = TaskContext.get();
      String path =
          String.format(
              Locale.ROOT, "%s/part-%05d-%d", directory, task.partitionId(), task.taskAttemptId());
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      long count = 0;
      try (BufferedWriter out =
          new BufferedWriter(new OutputStreamWriter(run.create(path), StandardCharsets.UTF_8))) {
        Iterator<String> records = written.records(new Examples(rows));
        while (records.hasNext()) {
          out.write(count == 0 ? "" : written.separator());
          out.write(records.next());
          count++;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(run.path(path) + " cannot be written", e);
      }
      return List.of(new Piece(task.partitionId(), path, count)).iterator();
    }
  }

  private record Examples(Iterator<Row> rows) implements Iterator<Example> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Example next() {
      return Rows.example(rows.next());
    }
  }
}
