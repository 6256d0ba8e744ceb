package io.cria.stage.dedup;

import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapred.InputSplit;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * JSON lines, split by bytes, or arrays, one task a file. Records stay the text they are: parsed to
 * take the column out, and again by Spark for Parquet. Blank lines are no records.
 */
final class JsonInput implements Input {
  /** Text of one task: enough to be worth it, and small enough to be held. */
  private static final long BYTES_PER_TASK = 16L << 20;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final InputFiles files;
  private final DedupOptions options;
  private final JavaRDD<Line> lines;
  private int[] firsts = new int[0];
  private @Nullable StructType schema;

  JsonInput(SparkSession spark, InputFiles files, DedupOptions options) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.files = files;
    this.options = options;
    this.lines =
        files.kind() == InputFiles.Kind.JSON
            ? elements()
            : raw().mapPartitionsWithInputSplit(new Lines(), true);
  }

  /**
   * A record as it is written.
   *
   * @param text null when it is not UTF-8
   * @param line of the partition, from 1; of the file for an array
   */
  private record Line(@Nullable String text, long line) implements Serializable {}

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
    FileInputFormat.setInputPaths(job, paths().toArray(Path[]::new));
    int tasks = (int) Math.max(context.defaultParallelism(), files.bytes() / BYTES_PER_TASK + 1);
    return (JavaHadoopRDD<LongWritable, Text>)
        context.hadoopRDD(job, TextInputFormat.class, LongWritable.class, Text.class, tasks);
  }

  private JavaRDD<Line> elements() {
    List<String> paths = paths().stream().map(Path::toString).toList();
    return context
        .parallelize(paths, paths.size())
        .mapPartitions(new Elements(new SerializableConfiguration(context.hadoopConfiguration())));
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
    firsts = new int[lines.getNumPartitions()];
    int[] sizes = new int[firsts.length];
    chunks.forEach(chunk -> sizes[chunk.slice()] += chunk.texts().size());
    for (int i = 1; i < firsts.length; i++) {
      firsts[i] = Math.addExact(firsts[i - 1], sizes[i - 1]);
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
      List<SliceOfFile> slices = raw().mapPartitionsWithInputSplit(new Count(), true).collect();
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
            input,
            firsts);
    List<Part> parts =
        new ArrayList<>(
            Reading.of(name(), () -> lines.mapPartitionsWithIndex(task, true).collect()));
    parts.sort(Part.ROW_ORDER);
    return parts;
  }

  /** The schema of these inputs together. */
  static void shareSchema(List<JsonInput> inputs) {
    if (inputs.isEmpty()) {
      return;
    }
    JavaRDD<String> all = inputs.get(0).records();
    for (JsonInput input : inputs.subList(1, inputs.size())) {
      all = all.union(input.records());
    }
    JsonInput one = inputs.get(0);
    StructType schema =
        one.spark.read().json(one.spark.createDataset(all.rdd(), Encoders.STRING())).schema();
    inputs.forEach(input -> input.schema = schema);
  }

  private JavaRDD<String> records() {
    return lines.map(line -> String.valueOf(line.text()));
  }

  @Override
  public Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept) {
    if (schema == null) {
      shareSchema(List.of(this));
    }
    StructType records = java.util.Objects.requireNonNull(schema, "schema");
    JavaRDD<String> chosen =
        lines.mapPartitionsWithIndex(new Judged(verdicts, input, firsts, kept), true);
    return spark
        .read()
        .schema(kept ? records : Verdicts.withReason(records))
        .option("mode", "FAILFAST")
        .json(spark.createDataset(chosen.rdd(), Encoders.STRING()));
  }

  StructType schema() {
    return java.util.Objects.requireNonNull(schema, "schema");
  }

  /** Lines of a split that are not blank. */
  private static final class Lines
      implements Function2<InputSplit, Iterator<Tuple2<LongWritable, Text>>, Iterator<Line>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Line> call(InputSplit split, Iterator<Tuple2<LongWritable, Text>> lines) {
      return new Visible(lines);
    }
  }

  private static final class Visible implements Iterator<Line> {
    private final Iterator<Tuple2<LongWritable, Text>> lines;
    private long number;
    private @Nullable Line next;

    Visible(Iterator<Tuple2<LongWritable, Text>> lines) {
      this.lines = lines;
    }

    @Override
    public boolean hasNext() {
      while (next == null && lines.hasNext()) {
        number++;
        next = line(lines.next()._2());
      }
      return next != null;
    }

    private @Nullable Line line(Text text) {
      try {
        Text.validateUTF8(text.getBytes(), 0, text.getLength());
      } catch (CharacterCodingException e) {
        return new Line(null, number);
      }
      String line = text.toString();
      int end = line.endsWith("\r") ? line.length() - 1 : line.length();
      return line.isBlank() ? null : new Line(line.substring(0, end), number);
    }

    @Override
    public Line next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Line line = next;
      next = null;
      return line;
    }
  }

  private record SliceOfFile(String file, long lines) implements Serializable {}

  private static final class Count
      implements Function2<
          InputSplit, Iterator<Tuple2<LongWritable, Text>>, Iterator<SliceOfFile>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<SliceOfFile> call(
        InputSplit split, Iterator<Tuple2<LongWritable, Text>> lines) {
      long count = 0;
      while (lines.hasNext()) {
        lines.next();
        count++;
      }
      String file = split instanceof FileSplit part ? part.getPath().toString() : split.toString();
      return List.of(new SliceOfFile(file, count)).iterator();
    }
  }

  /** Elements of the array in each file. */
  private static final class Elements implements FlatMapFunction<Iterator<String>, Line> {
    private static final long serialVersionUID = 1L;

    private final SerializableConfiguration hadoop;

    Elements(SerializableConfiguration hadoop) {
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Line> call(Iterator<String> files) throws IOException {
      Configuration configuration = hadoop.value();
      Path file = new Path(files.next());
      Reader reader =
          new InputStreamReader(
              InputFiles.open(file.getFileSystem(configuration), file, configuration),
              StandardCharsets.UTF_8
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT));
      org.apache.spark.TaskContext.get()
          .addTaskCompletionListener(
              (org.apache.spark.util.TaskCompletionListener) task -> closeQuietly(reader));
      JsonElements elements = new JsonElements(new java.io.BufferedReader(reader, 1 << 16));
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return elements.hasNext();
        }

        @Override
        public Line next() {
          JsonElements.Element element = elements.next();
          return new Line(element.text(), element.line());
        }
      };
    }

    private static void closeQuietly(Reader reader) {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException("an input cannot be closed", e);
      }
    }
  }

  private static final class ReadColumn
      implements Function2<Integer, Iterator<Line>, Iterator<Chunk>> {
    private static final long serialVersionUID = 1L;

    private final String column;
    private final @Nullable String orderBy;

    ReadColumn(String column, @Nullable String orderBy) {
      this.column = column;
      this.orderBy = orderBy;
    }

    @Override
    public Iterator<Chunk> call(Integer slice, Iterator<Line> lines) {
      RecordReader reader = new RecordReader(column, orderBy);
      return new ChunkIterator(slice) {
        @Override
        boolean readOne() throws Unusable {
          Line line = nextOf(lines);
          if (line == null) {
            return false;
          }
          if (line.text() == null) {
            throw new Unusable(line.line(), "the line is not valid UTF-8: save the file in UTF-8");
          }
          try {
            reader.read(line.text());
          } catch (RecordReader.Unusable e) {
            throw new Unusable(line.line(), String.valueOf(e.getMessage()));
          }
          add(reader.text(), reader.order());
          return true;
        }
      };
    }

    private static @Nullable Line nextOf(Iterator<Line> lines) throws ChunkIterator.Unusable {
      try {
        return lines.hasNext() ? lines.next() : null;
      } catch (JsonElements.Malformed e) {
        throw new ChunkIterator.Unusable(
            e.line(), "not valid JSON, " + e.getMessage() + ": write an array of records […]");
      }
    }
  }

  private static final class WriteJson
      implements Function2<Integer, Iterator<Line>, Iterator<Part>> {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final SerializableConfiguration hadoop;
    private final Broadcast<Verdicts> verdicts;
    private final int input;
    private final int[] firsts;

    WriteJson(
        String directory,
        SerializableConfiguration hadoop,
        Broadcast<Verdicts> verdicts,
        int input,
        int[] firsts) {
      this.directory = directory;
      this.hadoop = hadoop;
      this.verdicts = verdicts;
      this.input = input;
      this.firsts = firsts;
    }

    @Override
    public Iterator<Part> call(Integer slice, Iterator<Line> lines) throws IOException {
      if (!lines.hasNext()) {
        return Collections.emptyIterator();
      }
      int first = verdicts.value().first(input) + firsts[slice];
      try (PartWriter writer =
          new PartWriter(directory, hadoop.value(), verdicts.value(), input, slice, 0, first)) {
        while (lines.hasNext()) {
          writer.write(String.valueOf(lines.next().text()));
        }
        return List.of(writer.part()).iterator();
      }
    }
  }

  /** The kept records, or the dropped ones with what was decided of them. */
  private static final class Judged
      implements Function2<Integer, Iterator<Line>, Iterator<String>> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Verdicts> verdicts;
    private final int input;
    private final int[] firsts;
    private final boolean kept;

    Judged(Broadcast<Verdicts> verdicts, int input, int[] firsts, boolean kept) {
      this.verdicts = verdicts;
      this.input = input;
      this.firsts = firsts;
      this.kept = kept;
    }

    @Override
    public Iterator<String> call(Integer slice, Iterator<Line> lines) {
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
