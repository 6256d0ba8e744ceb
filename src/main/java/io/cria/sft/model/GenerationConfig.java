package io.cria.sft.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.weights.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The generation_config.json of a model's directory, which tells programs where answers end. The
 * base's own settings stay; begin and padding are the model's, and the ends of both count.
 */
public final class GenerationConfig {
  public static final String FILE = "generation_config.json";

  private static final String END = "eos_token_id";
  private static final ObjectMapper JSON = new ObjectMapper();

  private GenerationConfig() {}

  /** Writes the file of a model over the one that lies there. */
  public static void write(Path directory, ModelConfig config) {
    write(directory, config, directory);
  }

  /**
   * Writes the file of a model.
   *
   * @param base the directory whose settings stay, as far as there are some
   */
  static void write(Path directory, ModelConfig config, Path base) {
    ObjectNode root = read(base.resolve(FILE));
    if (config.beginToken() != null) {
      root.put("bos_token_id", config.beginToken());
    }
    Set<Integer> ends = ends(root);
    ends.addAll(config.endTokens());
    put(root, ends);
    if (config.padToken() != null) {
      root.put("pad_token_id", config.padToken());
    }
    write(directory, root);
  }

  /** Has answers end at this token, too: the one that the model was taught to end them with. */
  public static void endAlsoAt(Path directory, int token) {
    ObjectNode root = read(directory.resolve(FILE));
    Set<Integer> ends = ends(root);
    if (ends.add(token)) {
      put(root, ends);
      write(directory, root);
    }
  }

  private static void write(Path directory, ObjectNode root) {
    AtomicFile.write(directory.resolve(FILE), root.toPrettyString() + "\n");
  }

  private static Set<Integer> ends(ObjectNode root) {
    Set<Integer> ends = new LinkedHashSet<>();
    JsonNode told = root.path(END);
    if (told.isInt()) {
      ends.add(told.intValue());
    }
    told.elements().forEachRemaining(end -> ends.add(end.intValue()));
    return ends;
  }

  private static void put(ObjectNode root, Set<Integer> ends) {
    if (ends.size() == 1) {
      root.put(END, ends.iterator().next());
    } else if (!ends.isEmpty()) {
      ArrayNode list = root.putArray(END);
      ends.forEach(list::add);
    }
  }

  private static ObjectNode read(Path file) {
    if (!Files.isRegularFile(file)) {
      return JSON.createObjectNode();
    }
    try {
      if (JSON.readTree(Files.readString(file)) instanceof ObjectNode root) {
        return root;
      }
      throw CriaException.badInput(file + " is no JSON object: take it again from the model");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: take it again from the model");
    }
  }
}
