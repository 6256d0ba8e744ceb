package io.cria.shard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.task.TrainingExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a dataset's shards into a directory: {@code shard-00000.bin} and so on, and last {@value
 * #MANIFEST}, which makes them a whole. Give the examples in their order and {@link #close()};
 * without a close there is no manifest and the directory is refused by the reader. Several writers
 * (one a partition, each with its own prefix) may fill one directory; {@link #writeManifest} then
 * joins them.
 */
public final class ShardWriter {
  public static final String MANIFEST = "shards.json";

  /** A shard is put together in memory. */
  private static final long MAX_SHARD_BYTES = 1L << 28;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final String prefix;
  private final ExampleEncoder encoder;
  private final ShardOptions options;
  private final Packer packer;
  private final List<List<TokenisedExample>> rows = new ArrayList<>();
  private final List<String> files = new ArrayList<>();
  private long pendingBytes;
  private ShardCounts counts = ShardCounts.NONE;

  /** Writes files named {@code shard-…}. */
  public ShardWriter(Path directory, ExampleEncoder encoder, ShardOptions options) {
    this(directory, "shard", encoder, options);
  }

  /** Writes files named {@code prefix-…}. */
  public ShardWriter(Path directory, String prefix, ExampleEncoder encoder, ShardOptions options) {
    this.directory = directory;
    this.prefix = prefix;
    this.encoder = encoder;
    this.options = options;
    this.packer = new Packer(options.contextLength(), options.bufferSize(), this::addRow);
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(directory.resolve(MANIFEST));
    } catch (IOException e) {
      throw NoRoom.or(
          directory.toString(),
          e,
          () ->
              CriaException.badInput(
                  "cannot write shards to "
                      + directory
                      + " ("
                      + e.getMessage()
                      + "): check its rights"));
    }
  }

  /** The next example. */
  public void add(TrainingExample example) {
    ExampleEncoder.Encoded encoded = encoder.encode(example);
    String refusal = encoded.refusal();
    if (refusal == null) {
      add(encoded.sequences());
    } else {
      counts = counts.plus(ShardCounts.refused(refusal, encoded.detail()));
    }
  }

  /** The sequences of one example. */
  void add(List<TokenisedExample> sequences) {
    int written = 0;
    int cut = 0;
    int dropped = 0;
    for (TokenisedExample sequence : sequences) {
      boolean tooLong = sequence.length() > options.contextLength();
      if (tooLong && options.tooLong() == ShardOptions.TooLong.DROP) {
        dropped++;
        continue;
      }
      TokenisedExample kept = tooLong ? sequence.head(options.contextLength()) : sequence;
      if (kept.learntTokens() > 0) {
        packer.add(kept);
        written++;
        cut += tooLong ? 1 : 0;
      }
    }
    counts =
        counts.plus(
            new ShardCounts(
                1,
                written > 0 ? 1 : 0,
                written > 0 && dropped > 0 ? 1 : 0,
                cut > 0 ? 1 : 0,
                written == 0 && dropped > 0 ? 1 : 0,
                written == 0 && dropped == 0 ? 1 : 0,
                Map.of(),
                written,
                0,
                0,
                0));
  }

  private void addRow(List<TokenisedExample> row) {
    long tokens = row.stream().mapToLong(TokenisedExample::length).sum();
    long learnt = row.stream().mapToLong(TokenisedExample::learntTokens).sum();
    long bytes = 12 + 4L * row.size() + 5 * tokens;
    if (rows.size() == options.rowsPerShard() || pendingBytes + bytes > MAX_SHARD_BYTES) {
      flush();
    }
    rows.add(row);
    pendingBytes += bytes;
    counts = counts.plus(new ShardCounts(0, 0, 0, 0, 0, 0, Map.of(), 0, 1, tokens, learnt));
  }

  private void flush() {
    if (rows.isEmpty()) {
      return;
    }
    long tokens = 0;
    long learnt = 0;
    int segments = 0;
    for (List<TokenisedExample> row : rows) {
      segments += row.size();
      tokens += row.stream().mapToLong(TokenisedExample::length).sum();
      learnt += row.stream().mapToLong(TokenisedExample::learntTokens).sum();
    }
    ShardHeader header =
        new ShardHeader(
            encoder.tokenizerHash(),
            encoder.templateHash(),
            encoder.vocabularySize(),
            options.contextLength(),
            rows.size(),
            segments,
            tokens,
            learnt);
    String name = String.format(Locale.ROOT, "%s-%05d.bin", prefix, files.size());
    ShardFile.write(directory.resolve(name), header, rows);
    files.add(name);
    rows.clear();
    pendingBytes = 0;
  }

  /** Writes what is left, without a manifest; returns the names of this writer's files in order. */
  public List<String> finish() {
    packer.flush();
    flush();
    return List.copyOf(files);
  }

  /**
   * Writes what is left and the manifest.
   *
   * @throws CriaException (bad input) when no example came, or none with anything to learn
   */
  public ShardCounts close() {
    List<String> written = finish();
    writeManifest(directory, written, counts);
    return counts;
  }

  /** What has become of the examples so far. */
  public ShardCounts counts() {
    return counts;
  }

  /**
   * Makes the files a whole dataset, in the given order.
   *
   * @throws CriaException (bad input) when there is nothing to train on
   */
  public static void writeManifest(Path directory, List<String> files, ShardCounts counts) {
    if (counts.examples() == 0) {
      throw CriaException.badInput("no examples to write shards of: the dataset is empty");
    }
    if (counts.written() == 0) {
      throw CriaException.badInput(
          "none of "
              + counts.examples()
              + " examples fits with something to learn: "
              + counts.dropped()
              + " are too long, "
              + counts.withoutLabels()
              + " have no answer left"
              + (counts.refusals() == 0
                  ? ""
                  : ", the layout does not take " + counts.describeRefusals())
              + ": look at the data, raise the context length or take another template");
    }
    ObjectNode root = JSON.createObjectNode().put("format", "cria-shards").put("version", 1);
    files.forEach(root.putArray("files")::add);
    root.set("counts", JSON.valueToTree(counts));
    Path manifest = directory.resolve(MANIFEST);
    Path partial = directory.resolve(MANIFEST + ".partial");
    try {
      Files.writeString(partial, root.toPrettyString() + "\n");
      Files.move(
          partial, manifest, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw NoRoom.or(
          manifest.toString(),
          e,
          () ->
              new CriaException(
                  ExitCode.FAULT,
                  "cannot write "
                      + manifest
                      + " ("
                      + e.getMessage()
                      + "): check the disk, or choose another directory",
                  e));
    }
  }
}
