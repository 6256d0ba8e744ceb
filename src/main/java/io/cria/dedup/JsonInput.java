package io.cria.dedup;

import static org.apache.spark.sql.functions.col;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.JobConf;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
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

  private static final String CORRUPT = "corrupt " + UUID.randomUUID();

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final InputFiles files;
  private final DedupOptions options;
  private final JavaRDD<JsonLines.Line> lines;

  /** Index of each slice's first record, and at the end the number of all. */
  private int[] firsts = new int[0];

  private final Set<String> wide = new HashSet<>();
  private @Nullable StructType schema;

  JsonInput(SparkSession spark, InputFiles files, DedupOptions options) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.files = files;
    this.options = options;
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
  public Column read() {
    List<Chunk> chunks =
        Reading.of(
            name(),
            () ->
                lines
                    .mapPartitionsWithIndex(
                        new ReadColumn(options.column(), options.orderBy()), true)
                    .collect());
    for (Chunk chunk : chunks) {
      if (chunk.problem() != null) {
        throw told(chunk.slice(), chunk.problem());
      }
    }
    firsts = new int[lines.getNumPartitions() + 1];
    for (Chunk chunk : chunks) {
      firsts[chunk.slice() + 1] += chunk.texts().size();
      wide.addAll(chunk.wide());
    }
    for (int i = 1; i < firsts.length; i++) {
      firsts[i] = Math.addExact(firsts[i], firsts[i - 1]);
    }
    return new Column(chunks);
  }

  /** The first bad record with its file and line. */
  private CriaException told(int slice, Chunk.Problem problem) {
    String file = paths().get(0).toString();
    long line = problem.line();
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
    String shown = files.files().size() == 1 ? name() : file;
    return CriaException.badInput(shown + ":" + line + ": " + problem.message());
  }

  @Override
  public List<Part> write(String directory, Broadcast<Verdicts> verdicts, int input) {
    WriteJson task =
        new WriteJson(
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
    return lines.map(line -> String.valueOf(line.text()));
  }

  @Override
  public Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept) {
    StructType records = schema();
    JavaRDD<String> chosen =
        lines.mapPartitionsWithIndex(new Judged(verdicts, name(), input, firsts, kept), true);
    return reader()
        .schema(kept ? records : Verdicts.withReason(records))
        .json(spark.createDataset(chosen.rdd(), Encoders.STRING()));
  }

  @Override
  public StructType schema() {
    return java.util.Objects.requireNonNull(schema, "schema");
  }

  private static final class ReadColumn
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<Chunk>> {
    private static final long serialVersionUID = 1L;

    private final String column;
    private final @Nullable String orderBy;

    ReadColumn(String column, @Nullable String orderBy) {
      this.column = column;
      this.orderBy = orderBy;
    }

    @Override
    public Iterator<Chunk> call(Integer slice, Iterator<JsonLines.Line> lines) {
      RecordReader reader = new RecordReader(column, orderBy);
      return new ChunkIterator(slice) {
        @Override
        boolean readOne() throws BadRecord {
          JsonLines.Line line = nextOf(lines);
          if (line == null) {
            return false;
          }
          if (line.text() == null) {
            throw new BadRecord(line.line(), JsonLines.NOT_UTF_8);
          }
          try {
            reader.read(line.text());
          } catch (RecordReader.Unusable e) {
            throw new BadRecord(line.line(), String.valueOf(e.getMessage()));
          }
          add(reader.text(), reader.order());
          return true;
        }

        @Override
        Set<String> wide() {
          return reader.wide();
        }
      };
    }

    private static JsonLines.@Nullable Line nextOf(Iterator<JsonLines.Line> lines)
        throws ChunkIterator.BadRecord {
      try {
        return lines.hasNext() ? lines.next() : null;
      } catch (JsonElements.Malformed e) {
        throw new ChunkIterator.BadRecord(e.line(), String.valueOf(e.getMessage()));
      }
    }
  }

  private static final class WriteJson
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<Part>> {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final SerializableConfiguration hadoop;
    private final Broadcast<Verdicts> verdicts;
    private final String name;
    private final int input;
    private final int[] firsts;

    WriteJson(
        String directory,
        SerializableConfiguration hadoop,
        Broadcast<Verdicts> verdicts,
        String name,
        int input,
        int[] firsts) {
      this.directory = directory;
      this.hadoop = hadoop;
      this.verdicts = verdicts;
      this.name = name;
      this.input = input;
      this.firsts = firsts;
    }

    @Override
    public Iterator<Part> call(Integer slice, Iterator<JsonLines.Line> all) {
      Iterator<JsonLines.Line> lines = new Counted(all, name, firsts, slice);
      if (!lines.hasNext()) {
        return Collections.emptyIterator();
      }
      int first = verdicts.value().first(input) + firsts[slice];
      PartWriter part =
          new PartWriter(directory, hadoop.value(), verdicts.value(), input, slice, 0, first);
      try (part) {
        while (lines.hasNext()) {
          part.write(String.valueOf(lines.next().text()));
        }
      }
      return List.of(part.part()).iterator();
    }
  }

  /** Lines of a slice; fails when they are not as many as were judged. */
  private static final class Counted implements Iterator<JsonLines.Line> {
    private final Iterator<JsonLines.Line> lines;
    private final String name;
    private int left;

    Counted(Iterator<JsonLines.Line> lines, String name, int[] firsts, int slice) {
      this.lines = lines;
      this.name = name;
      this.left = firsts[slice + 1] - firsts[slice];
    }

    @Override
    public boolean hasNext() {
      boolean has = lines.hasNext();
      if (has != left > 0) {
        throw InputFiles.changed(name, null);
      }
      return has;
    }

    @Override
    public JsonLines.Line next() {
      left--;
      return lines.next();
    }
  }

  /** The kept records, or the dropped ones with what was decided of them. */
  private static final class Judged
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<String>> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Verdicts> verdicts;
    private final String name;
    private final int input;
    private final int[] firsts;
    private final boolean kept;

    Judged(Broadcast<Verdicts> verdicts, String name, int input, int[] firsts, boolean kept) {
      this.verdicts = verdicts;
      this.name = name;
      this.input = input;
      this.firsts = firsts;
      this.kept = kept;
    }

    @Override
    public Iterator<String> call(Integer slice, Iterator<JsonLines.Line> all) {
      Iterator<JsonLines.Line> lines = new Counted(all, name, firsts, slice);
      Verdicts decided = verdicts.value();
      int first = decided.first(input) + firsts[slice];
      return new Iterator<>() {
        private int record = first - 1;
        private @Nullable String next;

        @Override
        public boolean hasNext() {
          while (next == null && lines.hasNext()) {
            String line = String.valueOf(lines.next().text());
            record++;
            if (decided.kept(record) == kept) {
              next = kept ? line : decided.withReason(line, record);
            }
          }
          return next != null;
        }

        @Override
        public String next() {
          if (!hasNext() || next == null) {
            throw new NoSuchElementException();
          }
          String line = next;
          next = null;
          return line;
        }
      };
    }
  }
}
