package io.cria.dedup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * Parquet as other programs write it: a text, and a time. Its footer is right; the pages of a codec
 * that is not at hand are no more than so many bytes.
 */
final class ForeignParquet {
  private static final byte[] PAGE = {1, 0, 0, 0, 'x', 0, 0, 0};

  private ForeignParquet() {}

  @SuppressWarnings("deprecation") // the other constructors want what writers of columns know
  static void write(Path file, CompressionCodecName codec, TimeUnit unit) throws IOException {
    MessageType schema =
        Types.buildMessage()
            .required(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named("text")
            .required(PrimitiveTypeName.INT64)
            .as(LogicalTypeAnnotation.timestampType(true, unit))
            .named("at")
            .named("row");
    ParquetFileWriter writer =
        new ParquetFileWriter(
            new LocalOutputFile(file), schema, ParquetFileWriter.Mode.CREATE, 1 << 20, 0);
    writer.start();
    writer.startBlock(1);
    for (ColumnDescriptor column : schema.getColumns()) {
      writer.startColumn(column, 1, codec);
      writer.writeDataPage(
          1,
          PAGE.length,
          BytesInput.from(PAGE),
          Statistics.createStats(column.getPrimitiveType()),
          1,
          Encoding.RLE,
          Encoding.RLE,
          Encoding.PLAIN);
      writer.endColumn();
    }
    writer.endBlock();
    writer.end(Map.of());
    writer.close();
  }
}
