package io.cria.dedup;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.Type;

/**
 * Why Spark cannot read a Parquet file that is whole: it fails on such files in the words of its
 * own classes, so that the reason is looked for in the footers, afterwards.
 */
final class ParquetFaults {
  /** Codecs whose classes do not come with Spark. */
  private static final Set<CompressionCodecName> FOREIGN =
      Set.of(CompressionCodecName.BROTLI, CompressionCodecName.LZO);

  private ParquetFaults() {}

  /**
   * The failure as one of its known reasons, or as it is where none is found.
   *
   * @param failure of reading the input
   */
  static CriaException explained(InputFiles input, Configuration hadoop, CriaException failure) {
    for (FileStatus file : input.files()) {
      Optional<String> reason = reason(file, hadoop);
      if (reason.isPresent()) {
        String shown = input.files().size() == 1 ? input.name() : file.getPath().toString();
        return new CriaException(ExitCode.BAD_INPUT, shown + ": " + reason.get(), failure);
      }
    }
    return failure;
  }

  private static Optional<String> reason(FileStatus file, Configuration hadoop) {
    ParquetMetadata footer;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
      footer = reader.getFooter();
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // it is not whole: the first failure tells that
    }
    return codec(footer.getBlocks()).or(() -> type("", footer.getFileMetaData().getSchema()));
  }

  private static Optional<String> codec(List<BlockMetaData> groups) {
    return groups.stream()
        .flatMap(group -> group.getColumns().stream())
        .map(ColumnChunkMetaData::getCodec)
        .filter(FOREIGN::contains)
        .findFirst()
        .map(
            codec ->
                "it is compressed by "
                    + codec.name().toLowerCase(Locale.ROOT)
                    + ", which Spark has no classes for: write it with zstd, snappy or gzip (in"
                    + " pandas, to_parquet(…, compression=\"zstd\"))");
  }

  private static Optional<String> type(String path, GroupType group) {
    for (Type field : group.getFields()) {
      String name = path.isEmpty() ? field.getName() : path + "." + field.getName();
      Optional<String> found =
          field.isPrimitive() ? Optional.empty() : type(name, field.asGroupType());
      if (found.isPresent()) {
        return found;
      }
      if (isOfNanoseconds(field.getLogicalTypeAnnotation())) {
        return Optional.of(
            "column \""
                + name
                + "\" has times to the nanosecond, which Spark does not read: write them to the"
                + " microsecond (in pandas, to_parquet(…, coerce_timestamps=\"us\","
                + " allow_truncated_timestamps=True)), or as texts");
      }
    }
    return Optional.empty();
  }

  private static boolean isOfNanoseconds(LogicalTypeAnnotation annotation) {
    boolean timestamp =
        annotation instanceof LogicalTypeAnnotation.TimestampLogicalTypeAnnotation one
            && one.getUnit() == TimeUnit.NANOS;
    boolean time =
        annotation instanceof LogicalTypeAnnotation.TimeLogicalTypeAnnotation one
            && one.getUnit() == TimeUnit.NANOS;
    return timestamp || time;
  }
}
