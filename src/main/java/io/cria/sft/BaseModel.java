package io.cria.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.generate.TokenRows;
import io.cria.sft.model.GenerationConfig;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelFingerprint;
import io.cria.sft.train.LoraFiles;
import io.cria.shard.LocalDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.task.NoRoom;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TokenPlan;
import io.cria.weights.AtomicFile;
import io.cria.weights.EmbeddingRows;
import io.cria.weights.GgufModel;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import io.cria.weights.Weights;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The model that a run starts from, as a model's directory whatever it came as. A directory that
 * lacks nothing is used where it is. A GGUF file is dequantised, and a model without begin, end,
 * padding or unknown token is given them as the Alpaca recipe does, its new rows the mean of the
 * others; so are tokens given rows that were added to its tokenizer alone. Each is written below
 * the run's output once.
 */
public final class BaseModel {
  private static final String SOURCE = "cria-base.json";
  private static final long SHARD_BYTES = 4L << 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The matrices with a row for each token. */
  private static final List<String> ROWS_OF_TOKENS =
      List.of("model.embed_tokens.weight", "lm_head.weight");

  private BaseModel() {}

  /**
   * The path that a run file's {@code base} means.
   *
   * @param named beside the run file, or null
   * @throws CriaException (bad input) when neither names one, or it is not there
   */
  public static Path find(SftRunFile file, @Nullable Path named) {
    Path base = named;
    String ofFile = file.base();
    if (base == null && ofFile != null) {
      base = ofFile.equals(SftRunFile.EMBEDDED) ? embedded() : Path.of(ofFile);
    }
    if (base == null) {
      throw CriaException.badInput(
          "no base model, the key base: name a model's directory or a GGUF file, there or with"
              + " --base");
    }
    if (!Files.exists(base)) {
      boolean fetched = named == null && SftRunFile.EMBEDDED.equals(ofFile);
      throw CriaException.badInput(
          "no base model at "
              + base
              + (fetched
                  ? ": run scripts/fetch-model"
                  : ": give a model's directory or a GGUF file"));
    }
    requireKind(base);
    return base.toAbsolutePath().normalize();
  }

  /** What is neither a model's directory nor a GGUF file would fail later, over another file. */
  private static void requireKind(Path base) {
    if (!Files.isDirectory(base)) {
      if (!isGguf(base)) {
        throw CriaException.badInput(
            "the base model "
                + base
                + " is a file, and no GGUF file by its name: give a model's directory, or a .gguf"
                + " file");
      }
      return;
    }
    if (isGguf(base)) {
      throw CriaException.badInput(
          "the base model " + base + " is a directory, not a GGUF file: name the file in it");
    }
    if (Files.exists(base.resolve(ModelConfigJson.FILE))) {
      return;
    }
    if (Files.exists(base.resolve(LoraFiles.CONFIG))) {
      throw CriaException.badInput(
          "the base model "
              + base
              + " is an adapter's directory: merge it into its model first (cria merge)");
    }
    // shards want its tokenizer alone
    if (!Files.exists(base.resolve("tokenizer.json"))) {
      throw CriaException.badInput(
          "no base model in "
              + base
              + ": it has neither "
              + ModelConfigJson.FILE
              + " nor tokenizer.json: give a model's directory"
              + (Files.exists(base.resolve("model").resolve(ModelConfigJson.FILE))
                  ? ", such as " + base.resolve("model")
                  : " or a GGUF file"));
    }
  }

  private static Path embedded() {
    String own = System.getenv("CRIA_CACHE");
    String shared = System.getenv("XDG_CACHE_HOME");
    Path caches =
        shared == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(shared);
    Path cache = own == null ? caches.resolve("cria") : Path.of(own);
    return cache.resolve("models").resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
  }

  /**
   * The tokenizer of the prepared model, without preparing it; the caller closes it.
   *
   * @throws CriaException (bad input) when there is none
   */
  public static ModelTokenizer tokenizer(Path base) {
    try (ModelTokenizer tokenizer = ModelTokenizer.open(base)) {
      return TokenPlan.complete(tokenizer).tokenizer();
    }
  }

  /**
   * The directory to train from: {@code base} itself or, where something had to be written, {@code
   * directory}.
   *
   * @param inUse whether a run goes on from what lies in the directory, which must not become
   *     another model then
   * @throws CriaException when files are missing, do not fit one another, are of an unsupported
   *     architecture, or the directory cannot be written or holds another model that is in use
   */
  public static Path prepare(Path base, Path directory, boolean inUse) {
    boolean gguf = isGguf(base);
    try (ModelTokenizer tokenizer = ModelTokenizer.open(base)) {
      TokenPlan plan = TokenPlan.complete(tokenizer);
      if (!gguf) {
        ModelConfigJson.read(base);
      }
      boolean complete = plan.added().isEmpty() && plan.settings().equals(tokenizer.settings());
      if (!gguf
          && complete
          && TokenRows.of(tokenizer, ModelConfigJson.read(base).vocabularySize(), base)
              .isComplete()) {
        return base;
      }
      String source = source(base, plan);
      String written = written(directory);
      if (!source.equals(written)) {
        if (inUse && !written.isEmpty()) {
          throw new CriaException(
              ExitCode.RUN_REFUSED,
              directory
                  + " was made from another model than "
                  + base
                  + ", and checkpoints go on from it: give the --base that the run began with, or"
                  + " another --output");
        }
        write(base, gguf, tokenizer.vocabularySize(), plan, source, directory);
      }
      return directory;
    }
  }

  /**
   * As {@link #prepare}, into a directory that several processes of this machine train from: one of
   * them writes it, the others wait.
   *
   * @param directory named by what the base is: what was made of another is replaced
   */
  static Path prepareShared(Path base, Path directory) {
    Path lock = directory.resolveSibling(directory.getFileName() + ".lock");
    try {
      Files.createDirectories(Objects.requireNonNull(directory.getParent()));
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        // let go of with the channel
        channel.lock();
        return prepare(base, directory, false);
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot lock " + lock + " (" + e.getMessage() + "): check its rights and the disk",
          e);
    }
  }

  static boolean isGguf(Path path) {
    return String.valueOf(path.getFileName()).endsWith(".gguf");
  }

  private static void write(
      Path base, boolean gguf, int tokens, TokenPlan plan, String source, Path directory) {
    Weights weights = gguf ? GgufModel.open(base) : WeightsDirectory.open(base);
    ObjectNode config = gguf ? ((GgufModel) weights).config() : config(base);
    int rows = config.path("vocab_size").asInt();
    Path partial = directory.resolveSibling(directory.getFileName() + ".partial");
    try (ModelTokenizer completed = plan.tokenizer()) {
      TokenRows.of(completed, rows, base);
      int newTokens = tokens + plan.added().size();
      int usedRows = Math.min(tokens, rows);
      LocalDirectory.delete(partial);
      Files.createDirectories(partial);
      List<TensorContent> contents = new ArrayList<>();
      for (String name : weights.names()) {
        boolean grows = ROWS_OF_TOKENS.contains(name) && newTokens > usedRows;
        StoredTensor tensor = weights.tensor(name);
        tensor.requireFloating(base.toString());
        contents.add(
            grows
                ? grown(tensor, usedRows, newTokens)
                : gguf ? floats(tensor) : TensorContent.of(tensor));
      }
      WeightsDirectory.write(partial, contents, SHARD_BYTES);
      config.put("vocab_size", Math.max(rows, newTokens));
      putId(config, "bos_token_id", completed.bosId(), tokens);
      putId(config, "eos_token_id", completed.eosId(), tokens);
      putId(config, "pad_token_id", completed.padId(), tokens);
      Files.writeString(partial.resolve(ModelConfigJson.FILE), config.toPrettyString() + "\n");
      ModelConfig complete = ModelConfigJson.read(partial);
      if (!gguf) {
        ModelFiles.copyCompanions(base, partial);
      }
      completed.writeTo(partial);
      GenerationConfig.write(partial, complete);
      Files.writeString(partial.resolve(SOURCE), source);
      AtomicFile.syncDirectory(partial);
      LocalDirectory.delete(directory);
      Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw NoRoom.or(
          directory.toString(),
          e,
          () ->
              new CriaException(
                  ExitCode.FAULT,
                  "cannot write the base model to "
                      + directory
                      + " ("
                      + e.getMessage()
                      + "): check the disk, or give another --output",
                  e));
    } finally {
      delete(partial);
    }
  }

  /** What was moved into place is no longer there. */
  private static void delete(Path partial) {
    try {
      LocalDirectory.delete(partial);
    } catch (IOException e) {
      // the next writing removes it, and what stopped this one is on its way to the user
      System.getLogger(BaseModel.class.getName())
          .log(System.Logger.Level.DEBUG, "{0} stays: {1}", partial, e.getMessage());
    }
  }

  private static ObjectNode config(Path base) {
    Path file = base.resolve(ModelConfigJson.FILE);
    try {
      if (JSON.readTree(Files.readString(file)) instanceof ObjectNode config) {
        return config;
      }
      throw CriaException.badInput(file + " is no JSON object: take it again from the model");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: take it again from the model");
    }
  }

  /** A token that was there before does not overrule what the configuration says. */
  private static void putId(ObjectNode config, String key, OptionalInt id, int tokensBefore) {
    if (id.isPresent() && (!config.hasNonNull(key) || id.getAsInt() >= tokensBefore)) {
      config.put(key, id.getAsInt());
    }
  }

  /** As float32, read when its turn to be written comes. */
  private static TensorContent floats(StoredTensor tensor) {
    return new TensorContent(
        tensor.name(), TensorType.F32, tensor.shape(), () -> List.of(bytes(tensor.floats())));
  }

  private static TensorContent grown(StoredTensor tensor, int usedRows, int newTokens) {
    long[] shape = tensor.shape();
    int columns = (int) shape[1];
    return new TensorContent(
        tensor.name(),
        TensorType.F32,
        new long[] {Math.max(shape[0], newTokens), columns},
        () ->
            List.of(
                bytes(EmbeddingRows.withMeanRows(tensor.floats(), columns, usedRows, newTokens))));
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  /** What stands for the source and what is done to it: equal texts, equal results. */
  private static String source(Path base, TokenPlan plan) {
    ObjectNode source = JSON.createObjectNode().put("format", 2);
    source.put("model", ModelFingerprint.of(base));
    ObjectNode files = source.putObject("companions");
    if (!isGguf(base)) {
      ModelFiles.companions(base)
          .forEach(
              file -> files.put(String.valueOf(file.getFileName()), ModelFingerprint.of(file)));
    }
    source.put("tokenizer", Ids.sha256(plan.tokenizerJson()));
    plan.added().forEach(added -> source.withObject("/added").put(added.token(), added.id()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(source) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    }
  }

  private static String written(Path directory) {
    Path file = directory.resolve(SOURCE);
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      // a file that cannot be read is written again
      return "";
    }
  }
}
