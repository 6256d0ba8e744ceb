package io.cria.sft.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.AtomicFile;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.TensorContent;
import io.cria.weights.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors. */
public final class LoraFiles {
  public static final String CONFIG = "adapter_config.json";
  public static final String WEIGHTS = "adapter_model.safetensors";

  static final String PREFIX = "base_model.model.";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String PICKLED = "adapter_model.bin";
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
   * <p>Read are LoRA and rsLoRA on linear layers, the embedding and the head, ranks and alphas by
   * patterns, and modules that were trained whole (modules_to_save), also with a vocabulary of
   * another size than the model's.
   *
   * @throws CriaException when it is no LoRA adapter, of a variant that is not computed here, or of
   *     another model
   */
  public static LoraAdapter load(Path directory, ModelWeights weights) {
    PeftConfig config = PeftConfig.read(directory.resolve(CONFIG));
    Path file = directory.resolve(WEIGHTS);
    if (!Files.exists(file) && Files.exists(directory.resolve(PICKLED))) {
      throw CriaException.badInput(
          directory
              + " has its weights in "
              + PICKLED
              + ", which runs code when it is read: load the adapter with PEFT and save it again"
              + " (save_pretrained), which writes "
              + WEIGHTS);
    }
    LoraAdapter adapter = new LoraReader(config, file, weights).read();
    long rows = adapter.attach(weights).embedding().size(0);
    if (rows != weights.embedding().size(0) && !hasTokenizer(directory)) {
      throw CriaException.badInput(
          file
              + " was trained with a vocabulary of "
              + rows
              + " tokens, the model has "
              + weights.embedding().size(0)
              + ", and no "
              + TOKENIZER
              + " lies beside it: put the tokenizer there that it was trained with");
    }
    return adapter;
  }

  /**
   * Where the tokenizer of a model with an adapter lies: with the adapter where that has one of its
   * own, as PEFT's trainers save it, else with the model.
   */
  public static Path tokenizerHome(Path adapter, Path base) {
    return hasTokenizer(adapter) ? adapter : base;
  }

  private static boolean hasTokenizer(Path directory) {
    return Files.isRegularFile(directory.resolve(TOKENIZER));
  }
}
