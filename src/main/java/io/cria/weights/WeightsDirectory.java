package io.cria.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The safetensors of a model directory: {@value #SINGLE}, or the shards that {@value #INDEX} lists
 * (the layout of transformers' {@code save_pretrained}). Where both are there, {@value #SINGLE} is
 * read and the index is passed over, as transformers does; {@link #doubt} says so.
 */
public final class WeightsDirectory implements Weights {
  public static final String SINGLE = "model.safetensors";
  public static final String INDEX = "model.safetensors.index.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Map<String, StoredTensor> tensors;

  private WeightsDirectory(Path directory, Map<String, StoredTensor> tensors) {
    this.directory = directory;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens every file of the directory's weights.
   *
   * @throws CriaException (bad input) when there are none, a file does not hold, or index and
   *     shards disagree
   */
  public static WeightsDirectory open(Path directory) {
    Path index = directory.resolve(INDEX);
    Path single = directory.resolve(SINGLE);
    if (!Files.exists(single) && Files.exists(index)) {
      return openSharded(directory, index);
    }
    if (!Files.exists(single)) {
      throw CriaException.badInput(
          directory
              + " has neither "
              + SINGLE
              + " nor "
              + INDEX
              + ": give a model directory with safetensors");
    }
    Safetensors file = Safetensors.open(single);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    return new WeightsDirectory(directory, tensors);
  }

  /**
   * What a user should know who has both layouts in one directory: which is read. Empty where there
   * is one, or where the index names no other file than {@value #SINGLE}.
   */
  public static Optional<String> doubt(Path directory) {
    Path index = directory.resolve(INDEX);
    if (!Files.exists(directory.resolve(SINGLE)) || !Files.exists(index)) {
      return Optional.empty();
    }
    try {
      if (weightMap(index).values().stream().allMatch(SINGLE::equals)) {
        return Optional.empty();
      }
    } catch (CriaException e) {
      // an index that cannot be read agrees with nothing
    }
    return Optional.of(
        directory
            + " has "
            + SINGLE
            + " and "
            + INDEX
            + ", which names other files: the first is read, as transformers does; remove the one"
            + " that is not the model's");
  }

  private static WeightsDirectory openSharded(Path directory, Path index) {
    Map<String, Safetensors> files = new HashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : weightMap(index).entrySet()) {
      Safetensors file =
          files.computeIfAbsent(
              entry.getValue(), name -> Safetensors.open(directory.resolve(name)));
      if (!file.has(entry.getKey())) {
        throw CriaException.badInput(
            index
                + " places tensor "
                + entry.getKey()
                + " in "
                + entry.getValue()
                + ", which lacks it: fetch both again");
      }
      tensors.put(entry.getKey(), file.tensor(entry.getKey()));
    }
    for (Map.Entry<String, Safetensors> file : files.entrySet()) {
      for (String name : file.getValue().names()) {
        if (!tensors.containsKey(name)) {
          throw CriaException.badInput(
              index
                  + " does not list tensor "
                  + name
                  + " of "
                  + file.getKey()
                  + ": fetch both again");
        }
      }
    }
    return new WeightsDirectory(directory, tensors);
  }

  private static Map<String, String> weightMap(Path index) {
    JsonNode map;
    try {
      map = JSON.readTree(Files.readString(index)).path("weight_map");
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + index + " as JSON: fetch it again");
    }
    Map<String, String> files = new TreeMap<>();
    map.properties().forEach(field -> files.put(field.getKey(), field.getValue().asText()));
    if (files.isEmpty()) {
      throw CriaException.badInput(index + " has no weight_map: fetch it again");
    }
    for (String file : files.values()) {
      if (file.isEmpty() || file.contains("/") || file.contains("\\") || file.equals("..")) {
        throw CriaException.badInput(
            index + " names the file '" + file + "' outside its directory: fetch it again");
      }
    }
    return files;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw CriaException.badInput(
          directory
              + " has no tensor "
              + name
              + doubt(directory)
                  .map(doubt -> " (" + doubt + ")")
                  .orElse(": are these the weights of this model?"));
    }
    return tensor;
  }

  /**
   * Writes the tensors into {@code directory}, in the given order and as many files as needed: one
   * {@value #SINGLE}, or shards of at most {@code maxShardBytes} of tensors (a larger tensor has a
   * file to itself) and the index. Weights of the other layout are removed from the directory.
   *
   * @throws CriaException naming the file that cannot be written
   */
  public static void write(Path directory, Collection<TensorContent> tensors, long maxShardBytes) {
    List<List<TensorContent>> shards = split(tensors, maxShardBytes);
    NoRoom.require(directory, tensors.stream().mapToLong(TensorContent::byteLength).sum());
    try {
      Files.createDirectories(directory);
      if (shards.size() == 1) {
        SafetensorsWriter.write(directory.resolve(SINGLE), shards.get(0));
        Files.deleteIfExists(directory.resolve(INDEX));
        return;
      }
      writeShards(directory, shards);
    } catch (IOException e) {
      throw NoRoom.or(
          directory.toString(),
          e,
          () ->
              CriaException.badInput(
                  "cannot write to " + directory + " (" + e.getMessage() + "): check its rights"));
    }
  }

  private static void writeShards(Path directory, List<List<TensorContent>> shards)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    long total = 0;
    Map<String, String> places = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      SafetensorsWriter.write(directory.resolve(name), shards.get(i));
      for (TensorContent tensor : shards.get(i)) {
        total += tensor.byteLength();
        places.put(tensor.name(), name);
      }
    }
    // before the index comes: the single file would be read in its place
    Files.deleteIfExists(directory.resolve(SINGLE));
    root.putObject("metadata").put("total_size", total);
    ObjectNode map = root.putObject("weight_map");
    places.forEach(map::put);
    byte[] bytes;
    try {
      bytes =
          (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n")
              .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
    AtomicFile.write(directory.resolve(INDEX), bytes);
  }

  private static List<List<TensorContent>> split(
      Collection<TensorContent> tensors, long maxShardBytes) {
    List<List<TensorContent>> shards = new ArrayList<>();
    List<TensorContent> shard = new ArrayList<>();
    long size = 0;
    for (TensorContent tensor : tensors) {
      if (!shard.isEmpty() && tensor.byteLength() > maxShardBytes - size) {
        shards.add(shard);
        shard = new ArrayList<>();
        size = 0;
      }
      shard.add(tensor);
      size += tensor.byteLength();
    }
    shards.add(shard);
    return shards;
  }
}
