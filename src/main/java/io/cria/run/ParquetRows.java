package io.cria.run;

import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Rows that the driver holds, as one Parquet file, without a Spark job: some thousand rows of a
 * part are written sooner than a job is scheduled, and need no free core. Bytes follow from the
 * rows alone. Types: string, integer, long, double, boolean, arrays and structs of these.
 */
public final class ParquetRows {
  private static final int PAGE_ROWS = 1024;

  private ParquetRows() {}

  /**
   * Writes a file.
   *
   * @param path below the run directory
   * @param columns of the file; rows may have more
   * @param rows that know their columns by name
   */
  public static void write(
      RunDirectory run, String path, StructType columns, List<? extends Row> rows) {
    write(run, path, columns, rows.iterator());
  }

  /** The same of rows that are made one after the other and held by nobody. */
  public static void write(
      RunDirectory run, String path, StructType columns, Iterator<? extends Row> rows) {
    String temporary = run.newTemporary();
    writeUnstable(run, temporary, columns, rows);
    StableParquet.move(run, temporary, path);
  }

  private static void writeUnstable(
      RunDirectory run, String path, StructType columns, Iterator<? extends Row> rows) {
    MessageType schema = message(columns);
    try (OutputStream out = run.create(path);
        ParquetWriter<Group> writer =
            ExampleParquetWriter.builder(new Output(out))
                .withType(schema)
                .withConf(new Configuration(false))
                .withWriteMode(ParquetFileWriter.Mode.CREATE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withPageRowCountLimit(PAGE_ROWS)
                .build()) {
      StructType known = null;
      int[] places = new int[0];
      while (rows.hasNext()) {
        Row row = rows.next();
        if (!row.schema().equals(known)) {
          known = row.schema();
          places = places(known, columns);
        }
        SimpleGroup group = new SimpleGroup(schema);
        for (int i = 0; i < places.length; i++) {
          if (!row.isNullAt(places[i])) {
            put(group, i, columns.fields()[i].dataType(), row.get(places[i]));
          }
        }
        writer.write(group);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(run.path(path) + " cannot be written", e);
    }
  }

  private static int[] places(@Nullable StructType known, StructType columns) {
    if (known == null) {
      throw new IllegalArgumentException("a row that does not know its columns by name");
    }
    int[] places = new int[columns.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = known.fieldIndex(columns.fields()[i].name());
    }
    return places;
  }

  private static MessageType message(StructType columns) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    for (StructField field : columns.fields()) {
      message.addField(type(field.name(), field.dataType(), field.nullable()));
    }
    return message.named("row");
  }

  private static Type type(String name, DataType type, boolean nullable) {
    Type.Repetition repetition = nullable ? Type.Repetition.OPTIONAL : Type.Repetition.REQUIRED;
    if (type instanceof ArrayType array) {
      Type element = type("element", array.elementType(), array.containsNull());
      return Types.buildGroup(repetition)
          .as(LogicalTypeAnnotation.listType())
          .addField(Types.repeatedGroup().addField(element).named("list"))
          .named(name);
    }
    if (type instanceof StructType struct) {
      Types.GroupBuilder<?> group = Types.buildGroup(repetition);
      for (StructField field : struct.fields()) {
        group.addField(type(field.name(), field.dataType(), field.nullable()));
      }
      return (Type) group.named(name);
    }
    if (type.equals(DataTypes.StringType)) {
      return Types.primitive(PrimitiveTypeName.BINARY, repetition)
          .as(LogicalTypeAnnotation.stringType())
          .named(name);
    }
    return Types.primitive(primitive(type), repetition).named(name);
  }

  private static PrimitiveTypeName primitive(DataType type) {
    if (type.equals(DataTypes.IntegerType)) {
      return PrimitiveTypeName.INT32;
    }
    if (type.equals(DataTypes.LongType)) {
      return PrimitiveTypeName.INT64;
    }
    if (type.equals(DataTypes.DoubleType)) {
      return PrimitiveTypeName.DOUBLE;
    }
    if (type.equals(DataTypes.BooleanType)) {
      return PrimitiveTypeName.BOOLEAN;
    }
    throw new IllegalArgumentException("no table of a run has a column of type " + type);
  }

  private static void put(Group group, int field, DataType type, Object value) {
    if (type instanceof ArrayType array) {
      Group list = group.addGroup(field);
      for (Object element : elements(value)) {
        put(list.addGroup(0), 0, array.elementType(), element);
      }
    } else if (type instanceof StructType struct) {
      Group nested = group.addGroup(field);
      Row row = (Row) value;
      for (int i = 0; i < struct.size(); i++) {
        if (!row.isNullAt(i)) {
          put(nested, i, struct.fields()[i].dataType(), row.get(i));
        }
      }
    } else if (value instanceof String text) {
      group.add(field, text);
    } else if (value instanceof Integer number) {
      group.add(field, number);
    } else if (value instanceof Long number) {
      group.add(field, number);
    } else if (value instanceof Double number) {
      group.add(field, number);
    } else if (value instanceof Boolean truth) {
      group.add(field, truth);
    } else {
      throw new IllegalArgumentException(
          "no column of type " + type + " holds " + value.getClass());
    }
  }

  /** Rows made here hold Java's arrays, rows that Spark gave hold Scala's. */
  private static Iterable<?> elements(Object value) {
    if (value instanceof Object[] array) {
      return List.of(array);
    }
    if (value instanceof scala.collection.Iterable<?> seq) {
      return scala.jdk.javaapi.CollectionConverters.asJava(seq);
    }
    return (Iterable<?>) value;
  }

  /** The stream that the run directory opened, as Parquet wants it. */
  private record Output(OutputStream out) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new Counted(out);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return new Counted(out);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  private static final class Counted extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    Counted(OutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      position += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
