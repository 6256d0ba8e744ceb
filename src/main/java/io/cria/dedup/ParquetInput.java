package io.cria.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.cria.task.CriaException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Parquet: one file or a directory of them. Its rows are known by file and row number in it, which
 * Spark tells with each, since it gives rows out in no order; files follow one another by path.
 */
final class ParquetInput implements Input {
  private static final String FILE = "_cria_file";
  private static final String ROW = "_cria_row";
  private static final String JSON = "_cria_json";

  private final JavaSparkContext context;
  private final InputFiles files;
  private final List<String> columns;
  private final @Nullable String orderBy;
  private final boolean skipsMissing;
  private final SparkSession spark;
  private final Dataset<Row> rows;
  private final StructType schema;
  private HashMap<String, Place> places = new HashMap<>();
  private int records;

  ParquetInput(
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
    this.rows =
        reading(
            () ->
                spark
                    .read()
                    .option("mergeSchema", "true")
                    // names are names, not patterns
                    .option("__globPaths__", "false")
                    .parquet(
                        files.files().stream()
                            .map(file -> file.getPath().toString())
                            .toArray(String[]::new)));
    this.schema = rows.schema();
  }

  /**
   * Where a file stands in the input.
   *
   * @param slice its number
   * @param first index in the input of its first row
   * @param size its rows
   */
  private record Place(int slice, int first, int size) implements Serializable {}

  @Override
  public String name() {
    return files.name();
  }

  @Override
  public String kind() {
    return "parquet";
  }

  @Override
  public StructType schema() {
    return schema;
  }

  /** A job over the input; what Spark fails on is looked for in the files themselves. */
  private <T> T reading(Supplier<T> job) {
    try {
      return Reading.of(files.name(), job);
    } catch (CriaException e) {
      throw ParquetFaults.explained(files, context.hadoopConfiguration(), e);
    }
  }

  /** All columns under their names, then those given. */
  private Dataset<Row> with(Column... more) {
    Stream<Column> all =
        Stream.concat(
            Arrays.stream(schema.fieldNames()).map(name -> col(quoted(name))), Arrays.stream(more));
    return rows.select(all.toArray(Column[]::new));
  }

  /** Of the file, also where a column is called _metadata. */
  private Column file() {
    return rows.metadataColumn("_metadata").getField("file_path").as(FILE);
  }

  private Column row() {
    return rows.metadataColumn("_metadata").getField("row_index").as(ROW);
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  @Override
  public <T extends Stretch.Told> List<T> read(Stretch.Work<T> work) {
    List<Column> wanted = new ArrayList<>(List.of(file(), row()));
    for (int i = 0; i < columns.size(); i++) {
      wanted.add(wanted(columns.get(i), true).as("text" + i));
    }
    if (orderBy != null) {
      wanted.add(wanted(orderBy, false).as("order"));
    }
    List<ParquetColumns.OfFile<T>> read =
        new ArrayList<>(
            reading(
                () ->
                    rows.select(wanted.toArray(Column[]::new))
                        .toJavaRDD()
                        .mapPartitions(new ParquetColumns<>(columns, orderBy, skipsMissing, work))
                        .collect()));
    read.sort(
        Comparator.<ParquetColumns.OfFile<T>, String>comparing(ParquetColumns.OfFile::file)
            .thenComparingLong(part -> part.stretch().first()));
    for (ParquetColumns.OfFile<T> part : read) {
      Stretch.Problem problem = part.stretch().problem();
      if (problem != null) {
        throw CriaException.badInput(
            (files.files().size() == 1 ? name() : part.file())
                + ": row "
                + problem.line()
                + ": "
                + problem.message());
      }
    }
    place(read);
    return read.stream().map(ParquetColumns.OfFile::told).toList();
  }

  private <T extends Stretch.Told> void place(List<ParquetColumns.OfFile<T>> read) {
    Map<String, Integer> sizes = new TreeMap<>();
    read.forEach(part -> sizes.merge(part.file(), part.stretch().records(), Math::addExact));
    HashMap<String, Place> known = new HashMap<>();
    int count = 0;
    for (Map.Entry<String, Integer> file : sizes.entrySet()) {
      known.put(file.getKey(), new Place(known.size(), count, file.getValue()));
      count = Math.addExact(count, file.getValue());
    }
    records = count;
    places = known;
  }

  /** The column of that name, or that path into structs. */
  private Column wanted(String name, boolean text) {
    if (Arrays.asList(schema.fieldNames()).contains(name)) {
      requireType(name, schema.apply(name).dataType(), text);
      return col(quoted(name));
    }
    DataType type = schema;
    List<String> path = new ArrayList<>();
    for (String part : name.split("\\.")) {
      StructField field =
          type instanceof StructType struct
              ? Arrays.stream(struct.fields())
                  .filter(f -> f.name().equals(part))
                  .findFirst()
                  .orElse(null)
              : null;
      if (field == null) {
        throw CriaException.badInput(
            name()
                + ": no column \""
                + name
                + "\": the file has "
                + String.join(
                    ", ",
                    type instanceof StructType struct ? struct.fieldNames() : schema.fieldNames()));
      }
      path.add(quoted(part));
      type = field.dataType();
    }
    requireType(name, type, text);
    return col(String.join(".", path));
  }

  private void requireType(String name, DataType type, boolean text) {
    if (text && !type.equals(DataTypes.StringType)) {
      throw CriaException.badInput(
          name()
              + ": column \""
              + name
              + "\" is of type "
              + type.simpleString()
              + ": give a column of texts");
    }
  }

  /** Rows with their place; where there are several files, brought into their order. */
  private Dataset<Row> inOrder(Column... more) {
    Column[] all = Arrays.copyOf(more, more.length + 2);
    all[more.length] = file();
    all[more.length + 1] = row();
    Dataset<Row> placed = with(all);
    return places.size() > 1 ? placed.sort(FILE, ROW) : placed;
  }

  @Override
  public List<Part> write(String directory, Broadcast<Verdicts> verdicts, int input) {
    Column json =
        to_json(
                struct(
                    Arrays.stream(schema.fieldNames())
                        .map(name -> col(quoted(name)))
                        .toArray(Column[]::new)),
                Map.of(
                    "ignoreNullFields",
                    "false",
                    "timestampFormat",
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
                    "timestampNTZFormat",
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS"))
            .as(JSON);
    WriteJson task =
        new WriteJson(
            directory,
            new SerializableConfiguration(context.hadoopConfiguration()),
            verdicts,
            input,
            places);
    List<Part> parts =
        new ArrayList<>(
            reading(
                () -> rows.select(json, file(), row()).toJavaRDD().mapPartitions(task).collect()));
    if (parts.stream().mapToLong(Part::records).sum() != records) {
      throw InputFiles.changed(name(), null);
    }
    parts.sort(Part.ROW_ORDER);
    return parts;
  }

  @Override
  public Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept) {
    return spark.createDataFrame(
        inOrder().toJavaRDD().mapPartitions(new Judged(verdicts, input, places, kept)),
        kept ? schema : Verdicts.withReason(schema));
  }

  /** Number of the row's record, over all inputs. */
  private static int record(Row row, Verdicts verdicts, int input, Map<String, Place> places) {
    String file = row.getString(row.size() - 2);
    long index = row.getLong(row.size() - 1);
    Place place = places.get(file);
    if (place == null || index >= place.size()) {
      throw InputFiles.changed(file, null);
    }
    return verdicts.first(input) + place.first() + (int) index;
  }

  private static final class WriteJson implements FlatMapFunction<Iterator<Row>, Part> {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final SerializableConfiguration hadoop;
    private final Broadcast<Verdicts> verdicts;
    private final int input;
    private final HashMap<String, Place> places;

    WriteJson(
        String directory,
        SerializableConfiguration hadoop,
        Broadcast<Verdicts> verdicts,
        int input,
        Map<String, Place> places) {
      this.directory = directory;
      this.hadoop = hadoop;
      this.verdicts = verdicts;
      this.input = input;
      this.places = new HashMap<>(places);
    }

    @Override
    public Iterator<Part> call(Iterator<Row> rows) {
      Decided decided = verdicts.value().open();
      List<Part> parts = new ArrayList<>();
      PartWriter writer = null;
      int expected = -1;
      try {
        while (rows.hasNext()) {
          Row row = rows.next();
          int record = record(row, verdicts.value(), input, places);
          if (writer == null || record != expected) {
            if (writer != null) {
              parts.add(writer.part());
              writer.close();
            }
            writer = open(row, record, decided);
          }
          writer.write(row.getString(0));
          expected = record + 1;
        }
        if (writer != null) {
          parts.add(writer.part());
        }
      } finally {
        if (writer != null) {
          writer.close();
        }
      }
      return parts.isEmpty() ? Collections.emptyIterator() : parts.iterator();
    }

    private PartWriter open(Row row, int record, Decided decided) {
      Place place = Objects.requireNonNull(places.get(row.getString(1)), "a new file");
      return new PartWriter(
          directory, hadoop.value(), decided, input, place.slice(), row.getLong(2), record);
    }
  }

  /** The kept rows, or the dropped ones with what was decided of them. */
  private static final class Judged implements FlatMapFunction<Iterator<Row>, Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Verdicts> verdicts;
    private final int input;
    private final HashMap<String, Place> places;
    private final boolean kept;

    Judged(Broadcast<Verdicts> verdicts, int input, Map<String, Place> places, boolean kept) {
      this.verdicts = verdicts;
      this.input = input;
      this.places = new HashMap<>(places);
      this.kept = kept;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      return new Selected(rows);
    }

    private final class Selected implements Iterator<Row> {
      private final Iterator<Row> rows;
      private final Decided decided = verdicts.value().open();
      private @Nullable Row next;

      Selected(Iterator<Row> rows) {
        this.rows = rows;
      }

      @Override
      public boolean hasNext() {
        while (next == null && rows.hasNext()) {
          Row row = rows.next();
          int record = record(row, verdicts.value(), input, places);
          if (decided.kept(record) == kept) {
            next = row(row, record, decided);
          }
        }
        return next != null;
      }

      @Override
      public Row next() {
        if (!hasNext() || next == null) {
          throw new NoSuchElementException();
        }
        Row row = next;
        next = null;
        return row;
      }
    }

    private Row row(Row row, int record, Decided decided) {
      int columns = row.size() - 2; // without file and row number
      Object[] values = new Object[kept ? columns : columns + Verdicts.COLUMNS.size()];
      for (int i = 0; i < columns; i++) {
        values[i] = row.get(i);
      }
      if (!kept) {
        values[columns] = decided.reason(record);
        if (decided.hasNeighbour(record)) {
          values[columns + 1] =
              RowFactory.create(decided.neighbourInput(record), decided.neighbourRow(record));
          values[columns + 2] = decided.score(record);
        }
      }
      return RowFactory.create(values);
    }
  }
}
