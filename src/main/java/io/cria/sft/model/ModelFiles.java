package io.cria.sft.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.shard.LocalDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.weights.AtomicFile;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import io.cria.weights.Weights;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Models as directories of transformers: config.json, safetensors, and the tokenizer's files beside
 * them.
 */
public final class ModelFiles {
  /**
   * What belongs to a model besides configuration and weights; copied from the base to what was
   * tuned from it.
   */
  static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "additional_chat_templates/tool_use.jinja",
          GenerationConfig.FILE);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SHARD_BYTES = 4L << 30;

  private ModelFiles() {}

  /**
   * Loads a model's weights as float32, whatever their type in the files.
   *
   * @throws CriaException when a tensor is missing or of another shape than config.json says
   */
  public static ModelWeights load(Path directory, ModelConfig config) {
    return load(directory, config, Placement.PLAIN);
  }

  /**
   * Loads a model's weights to where and in which types they are wanted, one tensor after the
   * other.
   *
   * @throws CriaException when a tensor is missing or of another shape than config.json says
   */
  public static ModelWeights load(Path directory, ModelConfig config, Placement placement) {
    return load(WeightsDirectory.open(directory), config, placement, directory.toString());
  }

  /**
   * Loads the weights of a model from open files.
   *
   * @param where how errors name the files
   */
  public static ModelWeights load(Weights files, ModelConfig config, String where) {
    return load(files, config, Placement.PLAIN, where);
  }

  private static ModelWeights load(
      Weights files, ModelConfig config, Placement placement, String where) {
    Natives.load();
    return ModelWeights.from(
        config,
        (name, shape) -> {
          StoredTensor stored = stored(files, name, shape, where);
          return Scoped.keep(
              () -> placement.device().put(Tensors.of(stored), placement.type(name, shape.length)));
        });
  }

  private static StoredTensor stored(Weights files, String name, long[] shape, String where) {
    StoredTensor stored = files.tensor(name);
    if (!Arrays.equals(stored.shape(), shape)) {
      throw CriaException.badInput(
          "tensor "
              + name
              + " in "
              + where
              + " has shape "
              + Arrays.toString(stored.shape())
              + ", config.json says "
              + Arrays.toString(shape)
              + ": give weights and config.json of the same model");
    }
    stored.requireFloating(where);
    return stored;
  }

  /**
   * Saves a model so that transformers and llama.cpp's converter load it: config.json, safetensors,
   * and the tokenizer's files of {@code base}.
   *
   * @param type F32, BF16 or F16
   */
  public static void save(
      Path directory, ModelConfig config, ModelWeights weights, TensorType type, Path base) {
    save(directory, config, weights, type, base, base);
  }

  /**
   * As the others, each tensor in the type it is kept in (float32 or bfloat16): nothing is lost.
   */
  public static void saveAsKept(
      Path directory, ModelConfig config, ModelWeights weights, Path base) {
    save(directory, config, weights, kept(weights.embedding()), ModelFiles::kept, base, base);
  }

  private static TensorType kept(Tensor tensor) {
    return tensor.scalar_type().intern() == ScalarType.BFloat16 ? TensorType.BF16 : TensorType.F32;
  }

  /**
   * As the other, with a tokenizer that lies elsewhere.
   *
   * @param base the model whose settings of generation stay
   * @param tokenizerHome where the tokenizer's files lie
   */
  public static void save(
      Path directory,
      ModelConfig config,
      ModelWeights weights,
      TensorType type,
      Path base,
      Path tokenizerHome) {
    save(directory, config, weights, type, tensor -> type, base, tokenizerHome);
  }

  private static void save(
      Path directory,
      ModelConfig config,
      ModelWeights weights,
      TensorType named,
      Function<Tensor, TensorType> types,
      Path base,
      Path tokenizerHome) {
    boolean whole = false;
    boolean fresh = !Files.exists(directory);
    try {
      Files.createDirectories(directory);
      List<TensorContent> contents = new ArrayList<>();
      weights
          .named()
          .forEach(
              (name, tensor) -> contents.add(Tensors.content(name, tensor, types.apply(tensor))));
      WeightsDirectory.write(directory, contents, SHARD_BYTES);
      AtomicFile.write(
          directory.resolve(ModelConfigJson.FILE), configJson(config, weights, typeName(named)));
      copyCompanions(tokenizerHome, directory);
      GenerationConfig.write(directory, config, base);
      AtomicFile.syncDirectory(directory);
      whole = true;
    } catch (IOException e) {
      throw unsaved(directory, e);
    } finally {
      if (fresh && !whole) {
        delete(directory);
      }
    }
  }

  private static CriaException unsaved(Path directory, IOException e) {
    return NoRoom.or(
        directory.toString(),
        e,
        () ->
            new CriaException(
                ExitCode.FAULT,
                "cannot save the model to " + directory + " (" + e + "): check its disk",
                e));
  }

  /** Nobody is to take a part of a model for one. */
  private static void delete(Path directory) {
    try {
      LocalDirectory.delete(directory);
    } catch (IOException e) {
      // why it was to go is on its way to the user
      System.getLogger(ModelFiles.class.getName())
          .log(System.Logger.Level.DEBUG, "{0} stays: {1}", directory, e.getMessage());
    }
  }

  /** A head that an adapter parted from the embedding has a tensor of its own from now on. */
  private static String configJson(ModelConfig config, ModelWeights weights, String type)
      throws JsonProcessingException {
    String written = ModelConfigJson.write(config, type);
    if (!config.tiedEmbeddings() || weights.untiedHead() == null) {
      return written;
    }
    ObjectNode root = JSON.readValue(written, ObjectNode.class);
    root.put("tie_word_embeddings", false);
    return root.toPrettyString() + "\n";
  }

  /** Copies the tokenizer's files from one model directory to another. */
  public static void copyCompanions(Path from, Path to) throws IOException {
    for (Path file : companions(from)) {
      Path copy = to.resolve(from.relativize(file));
      Files.createDirectories(Objects.requireNonNull(copy.getParent()));
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The tokenizer's files that lie in a model's directory. */
  public static List<Path> companions(Path directory) {
    return COMPANIONS.stream().map(directory::resolve).filter(Files::isRegularFile).toList();
  }

  private static String typeName(TensorType type) {
    return switch (type) {
      case F32 -> "float32";
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default ->
          throw new IllegalArgumentException(
              "models are saved as F32, BF16 or F16, not " + type.name().toLowerCase(Locale.ROOT));
    };
  }
}
