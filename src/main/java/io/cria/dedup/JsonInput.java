package io.cria.dedup;

import static org.apache.spark.sql.functions.col;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.JobConf;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * JSON lines, split by bytes, or arrays, one task a file. Records stay the text they are: parsed to
 * take the column out, and again by Spark for Parquet. Blank lines are no records.
 */
final class JsonInput implements Input {
  /** Text of one task: enough to be worth it, and small enough to be held. */
  private static final long BYTES_PER_TASK = 16L << 20;

  private static final Comparator<At> IN_ORDER =
      Comparator.comparingInt(At::slice).thenComparingLong(At::line);

  private static final String CORRUPT = "corrupt " + UUID.randomUUID();

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final InputFiles files;
  private final List<String> columns;
  private final @Nullable String orderBy;
  private final boolean skipsMissing;
  private final JavaRDD<JsonLines.Line> lines;

  /** Index of each slice's first record, and at the end the number of all. */
  private int[] firsts = new int[0];

  private final Set<String> wide = new HashSet<>();
  private final Map<String, EnumMap<Kinds.Kind, At>> kinds = new TreeMap<>();
  private @Nullable StructType schema;

  /**
   * Where a record stands.
   *
   * @param line of the slice, as of {@link Stretch.Problem}
   */
  private record At(int slice, long line) {}

  JsonInput(
      SparkSession spark,
      InputFiles files,
      List<String> columns,
      @Nullable String orderBy,
      boolean skipsMissing) {
    this.spark = spark;
    this.skipsMissing = skipsMissing;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.files = files;
    this.columns = List.copyOf(columns);
    this.orderBy = orderBy;
    this.lines =
        files.kind() == InputFiles.Kind.JSON
            ? elements()
            : raw().mapPartitionsWithInputSplit(new JsonLines.Lines(), true);
  }

  @Override
  public String name() {
    return files.name();
  }

  @Override
  public String kind() {
    return files.kind() == InputFiles.Kind.JSON ? "json" : "jsonl";
  }

  private JavaHadoopRDD<LongWritable, Text> raw() {
    JobConf job = new JobConf(context.hadoopConfiguration());
    // a lone carriage return ends no line of JSON
    job.set("textinputformat.record.delimiter", "\n");
    LiteralFiles.setInputPaths(job, paths().toArray(Path[]::new));
    int tasks = (int) Math.max(context.defaultParallelism(), files.bytes() / BYTES_PER_TASK + 1);
    return (JavaHadoopRDD<LongWritable, Text>)
        context.hadoopRDD(job, LiteralFiles.class, LongWritable.class, Text.class, tasks);
  }

  private JavaRDD<JsonLines.Line> elements() {
    List<String> paths = paths().stream().map(Path::toString).toList();
    return context
        .parallelize(paths, paths.size())
        .mapPartitions(
            new JsonLines.Elements(new SerializableConfiguration(context.hadoopConfiguration())));
  }

  private List<Path> paths() {
    return files.files().stream().map(file -> file.getPath()).toList();
  }

  @Override
  public <T extends Stretch.Told> List<T> read(Stretch.Work<T> work) {
    List<T> read =
        Reading.of(
            name(),
            () ->
                lines
                    .mapPartitionsWithIndex(
                        new JsonTasks.ReadColumns<>(columns, orderBy, skipsMissing, work), true)
                    .collect());
    List<Stretch> stretches = read.stream().map(Stretch.Told::stretch).toList();
    for (Stretch stretch : stretches) {
      if (stretch.problem() != null) {
        throw told(stretch.slice(), stretch.problem());
      }
    }
    firsts = new int[lines.getNumPartitions() + 1];
    for (Stretch stretch : stretches) {
      firsts[stretch.slice() + 1] = Math.addExact(firsts[stretch.slice() + 1], stretch.records());
      wide.addAll(stretch.wide());
      for (Kinds.First first : stretch.kinds()) {
        kinds
            .computeIfAbsent(first.place(), place -> new EnumMap<>(Kinds.Kind.class))
            .putIfAbsent(first.kind(), new At(stretch.slice(), first.line()));
      }
    }
    for (int i = 1; i < firsts.length; i++) {
      firsts[i] = Math.addExact(firsts[i], firsts[i - 1]);
    }
    return read;
  }

  /** The first bad record with its file and line. */
  private CriaException told(int slice, Stretch.Problem problem) {
    return CriaException.badInput(place(new At(slice, problem.line())) + ": " + problem.message());
  }

  /** File and line, for messages. */
  private String place(At at) {
    String file = paths().get(0).toString();
    int slice = at.slice();
    long line = at.line();
    if (files.kind() == InputFiles.Kind.JSON) {
      file = paths().get(slice).toString();
    } else {
      List<JsonLines.SliceOfFile> slices =
          raw().mapPartitionsWithInputSplit(new JsonLines.Count(), true).collect();
      file = slices.get(slice).file();
      for (int i = 0; i < slice; i++) {
        line += slices.get(i).file().equals(file) ? slices.get(i).lines() : 0;
      }
    }
    return (files.files().size() == 1 ? name() : file) + ":" + line;
  }

  /**
   * Makes sure that no place has values of two kinds, in all inputs together.
   *
   * @throws CriaException (bad input) naming the first records of both
   */
  static void requireOneKind(List<JsonInput> inputs) {
    Map<String, Map<Kinds.Kind, JsonInput>> all = new TreeMap<>();
    for (JsonInput input : inputs) {
      input.kinds.forEach(
          (place, firsts) -> {
            Map<Kinds.Kind, JsonInput> known =
                all.computeIfAbsent(place, each -> new LinkedHashMap<>());
            firsts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(IN_ORDER))
                .forEach(first -> known.putIfAbsent(first.getKey(), input));
          });
    }
    all.forEach(
        (place, kinds) -> {
          if (kinds.size() > 1) {
            throw ofTwoKinds(place, kinds);
          }
        });
  }

  private static CriaException ofTwoKinds(String place, Map<Kinds.Kind, JsonInput> kinds) {
    Iterator<Map.Entry<Kinds.Kind, JsonInput>> both = kinds.entrySet().iterator();
    Map.Entry<Kinds.Kind, JsonInput> one = both.next();
    Map.Entry<Kinds.Kind, JsonInput> other = both.next();
    return CriaException.badInput(
        other.getValue().place(place, other.getKey())
            + ": column \""
            + place
            + "\" is "
            + other.getKey().word()
            + ", and "
            + one.getKey().word()
            + " in "
            + one.getValue().place(place, one.getKey())
            + ": give a column values of one type, for example texts alone");
  }

  private String place(String column, Kinds.Kind kind) {
    return place(
        Objects.requireNonNull(Objects.requireNonNull(kinds.get(column)).get(kind), "it was seen"));
  }

  @Override
  public List<Part> write(String directory, Broadcast<Verdicts> verdicts, int input) {
    JsonTasks.WriteJson task =
        new JsonTasks.WriteJson(
            directory,
            new SerializableConfiguration(context.hadoopConfiguration()),
            verdicts,
            name(),
            input,
            firsts);
    List<Part> parts =
        new ArrayList<>(
            Reading.of(name(), () -> lines.mapPartitionsWithIndex(task, true).collect()));
    parts.sort(Part.ROW_ORDER);
    return parts;
  }

  /**
   * Finds the schema of these inputs together.
   *
   * @throws CriaException (bad input) when Spark finds none
   */
  static void shareSchema(List<JsonInput> inputs) {
    if (inputs.isEmpty()) {
      return;
    }
    JavaRDD<String> all = inputs.get(0).records();
    for (JsonInput input : inputs.subList(1, inputs.size())) {
      all = all.union(input.records());
    }
    JavaRDD<String> records = all;
    JsonInput one = inputs.get(0);
    StructType schema =
        Reading.of(
            one.name(),
            () ->
                one.reader()
                    .json(one.spark.createDataset(records.rdd(), Encoders.STRING()))
                    .schema());
    inputs.forEach(input -> input.schema = schema);
  }

  private DataFrameReader reader() {
    return spark
        .read()
        .option("mode", "FAILFAST")
        .option("maxStringLen", RecordReader.LONGEST_STRING)
        // the default is a name that a column may have
        .option("columnNameOfCorruptRecord", CORRUPT);
  }

  /** Where there are whole numbers that no double equals, as of {@link OneTable}. */
  Set<String> wide() {
    return wide;
  }

  /** Takes a column out of the table of these inputs. */
  static void drop(List<JsonInput> inputs, String column) {
    for (JsonInput input : inputs) {
      input.schema =
          new StructType(
              Arrays.stream(input.schema().fields())
                  .filter(field -> !field.name().equals(column))
                  .toArray(StructField[]::new));
    }
  }

  /** Whether a column of texts has none. */
  boolean isEmpty(String column) {
    StructType only = new StructType().add(column, DataTypes.StringType);
    return reader()
        .schema(only)
        .json(spark.createDataset(records().rdd(), Encoders.STRING()))
        .filter(col("`" + column.replace("`", "``") + "`").isNotNull())
        .isEmpty();
  }

  private JavaRDD<String> records() {
    return lines.map(new JsonTasks.Text());
  }

  @Override
  public Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept) {
    StructType records = schema();
    JavaRDD<String> chosen =
        lines.mapPartitionsWithIndex(
            new JsonTasks.Judged(verdicts, name(), input, firsts, kept), true);
    return reader()
        .schema(kept ? records : Verdicts.withReason(records))
        .json(spark.createDataset(chosen.rdd(), Encoders.STRING()));
  }

  @Override
  public StructType schema() {
    return java.util.Objects.requireNonNull(schema, "schema");
  }
}
