package io.cria.sft.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.LowRank;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.AtomicFile;
import io.cria.weights.Safetensors;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.StoredTensor;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors. */
public final class LoraFiles {
  public static final String CONFIG = "adapter_config.json";
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";
  private static final ObjectMapper JSON = new ObjectMapper();

  private LoraFiles() {}

  /**
   * Writes the adapter into {@code directory}, which exists.
   *
   * @param baseModel what PEFT is to load the base from
   */
  public static void save(Path directory, LoraAdapter adapter, String baseModel) {
    List<TensorContent> contents = new ArrayList<>();
    adapter
        .named()
        .forEach(
            (name, tensor) -> contents.add(Tensors.content(PREFIX + name, tensor, TensorType.F32)));
    SafetensorsWriter.write(directory.resolve(WEIGHTS), contents);
    SftConfig.Lora settings = adapter.settings();
    ObjectNode root = JSON.createObjectNode();
    root.put("peft_type", "LORA");
    root.put("task_type", "CAUSAL_LM");
    root.put("base_model_name_or_path", baseModel);
    root.put("r", settings.rank());
    double alpha = settings.alpha();
    if (alpha == Math.rint(alpha)) {
      root.put("lora_alpha", (long) alpha);
    } else {
      root.put("lora_alpha", alpha);
    }
    root.put("lora_dropout", settings.dropout());
    root.put("bias", "none");
    root.put("fan_in_fan_out", false);
    root.put("inference_mode", true);
    root.put("use_rslora", false);
    root.put("use_dora", false);
    root.putNull("modules_to_save");
    ArrayNode targets = root.putArray("target_modules");
    TreeSet<String> names = new TreeSet<>();
    adapter.layers().keySet().forEach(name -> names.add(name.substring(name.lastIndexOf('.') + 1)));
    names.forEach(targets::add);
    AtomicFile.write(directory.resolve(CONFIG), root.toPrettyString() + "\n");
  }

  /**
   * Reads an adapter for the model with those weights, to be used: its tensors want no gradients.
   *
   * @throws CriaException when it is no LoRA adapter, of a variant that is not computed here, or of
   *     another model
   */
  public static LoraAdapter load(Path directory, ModelWeights weights) {
    JsonNode config = config(directory.resolve(CONFIG));
    int rank = config.path("r").asInt(0);
    double alpha = config.path("lora_alpha").asDouble(0);
    Path file = directory.resolve(WEIGHTS);
    Safetensors tensors = Safetensors.open(file);
    Map<String, LowRank> layers = new LinkedHashMap<>();
    TreeSet<String> unused = new TreeSet<>(tensors.names());
    TreeSet<String> targets = new TreeSet<>();
    weights.mapLinears(
        (name, linear) -> {
          String a = PREFIX + name + ".lora_A.weight";
          String b = PREFIX + name + ".lora_B.weight";
          if (tensors.has(a) && tensors.has(b)) {
            unused.removeAll(List.of(a, b));
            targets.add(name.substring(name.lastIndexOf('.') + 1));
            requireShape(tensors.tensor(a), file, rank, linear.weight().size(1));
            requireShape(tensors.tensor(b), file, linear.weight().size(0), rank);
            layers.put(
                name,
                new LowRank(
                    Scoped.keep(() -> Tensors.of(tensors.tensor(a))),
                    Scoped.keep(() -> Tensors.of(tensors.tensor(b))),
                    alpha / rank,
                    config.path("lora_dropout").asDouble(0)));
          }
          return linear;
        });
    if (!unused.isEmpty() || layers.isEmpty()) {
      throw CriaException.badInput(
          file
              + (unused.isEmpty()
                  ? " holds no LoRA tensors"
                  : " holds " + unused.first() + ", which has no place in the model")
              + ": give an adapter of this model");
    }
    return new LoraAdapter(
        new SftConfig.Lora(
            rank, alpha, config.path("lora_dropout").asDouble(0), List.copyOf(targets), true),
        layers);
  }

  private static JsonNode config(Path file) {
    JsonNode config;
    try {
      config = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " (" + e.getMessage() + "): give an adapter's directory");
    }
    if (!config.path("peft_type").asText().equals("LORA") || config.path("r").asInt(0) < 1) {
      throw CriaException.badInput(
          file + " describes no LoRA adapter: only peft_type LORA is supported");
    }
    if (config.path("lora_alpha").asDouble(0) <= 0) {
      throw CriaException.badInput(
          file + " has no lora_alpha above 0: give the adapter's own " + CONFIG);
    }
    double dropout = config.path("lora_dropout").asDouble(0);
    if (dropout < 0 || dropout >= 1) {
      throw CriaException.badInput(
          file + " has lora_dropout " + dropout + ", which lies outside [0, 1): correct it");
    }
    for (String variant : List.of("use_dora", "use_rslora", "fan_in_fan_out", "lora_bias")) {
      if (config.path(variant).asBoolean(false)) {
        throw CriaException.badInput(
            file + " has " + variant + ": true, which is not supported: use plain LoRA");
      }
    }
    for (String pattern : List.of("rank_pattern", "alpha_pattern", "modules_to_save")) {
      if (!config.path(pattern).isEmpty()) {
        throw CriaException.badInput(
            file + " uses " + pattern + ", which is not supported: use one rank for all layers");
      }
    }
    return config;
  }

  private static void requireShape(StoredTensor tensor, Path file, long rows, long columns) {
    tensor.requireFloating(file.toString());
    if (!Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
      throw CriaException.badInput(
          "tensor "
              + tensor.name()
              + " in "
              + file
              + " has shape "
              + Arrays.toString(tensor.shape())
              + ", expected ["
              + rows
              + ", "
              + columns
              + "]: give an adapter of this model");
    }
  }
}
