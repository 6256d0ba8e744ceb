package io.cria.sft.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter_config.json says, with the meaning PEFT gives it. A key that would change what is
 * computed here is read or refused by its name; so is a key that nobody knows, unless it is off.
 * Modules are named as in the model, {@code model.layers.0.self_attn.q_proj}.
 */
final class PeftConfig {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ALL_LINEAR = "all-linear";
  private static final String MERGE =
      ": merge it into its model with PEFT (merge_and_unload, save_pretrained) and give the merged"
          + " model";

  /** Read here. */
  private static final Set<String> READ =
      Set.of(
          "peft_type",
          "task_type",
          "r",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "rank_pattern",
          "alpha_pattern",
          "target_modules",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "modules_to_save",
          "ensure_weight_tying",
          "init_lora_weights",
          "bias");

  /**
   * Say where the adapter comes from, how its training began or ran, or how PEFT lays out memory.
   * fan_in_fan_out is for layers that store their weight turned round; PEFT sets it false for
   * linear layers, and the models read here have no others.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "peft_version",
          "fan_in_fan_out",
          "megatron_core",
          "runtime_config",
          "loftq_config",
          "eva_config",
          "corda_config",
          "lora_ga_config",
          "velora_config",
          "qalora_group_size");

  /**
   * Values of init_lora_weights that leave the model's own weights as they are. The others (pissa,
   * olora, corda, loftq, lora_ga) take from them what the adapter starts with.
   */
  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal", "mica");

  private static final Pattern LAYER = Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\.");

  private final Path file;
  private final JsonNode root;
  private final int rank;
  private final double alpha;
  private final double dropout;
  private final List<Special> ranks;
  private final List<Special> alphas;

  /** Where target_modules or exclude_modules is one text, and not all-linear: an expression. */
  private final @Nullable ModulePattern target;

  private final @Nullable ModulePattern exclusion;
  private final List<ModulePattern> savedModules;
  private final List<ModulePattern> layerIndexes;

  /** What modules that match a pattern have in place of the general value. */
  private record Special(ModulePattern pattern, double value) {}

  private PeftConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
    this.rank = root.path("r").asInt(0);
    this.alpha = root.path("lora_alpha").asDouble(0);
    this.dropout = root.path("lora_dropout").asDouble(0);
    this.ranks = specials("rank_pattern");
    this.alphas = specials("alpha_pattern");
    this.target = expression("target_modules");
    this.exclusion = expression("exclude_modules");
    this.savedModules = patterns("modules_to_save", "(^|.*\\.)", "($|\\..*)");
    this.layerIndexes = patterns("layers_pattern", "(?:^|.*?\\.)", "\\.(?<idx>\\d+)\\.");
  }

  /**
   * Reads the file.
   *
   * @throws CriaException when it cannot be read, describes no LoRA adapter, or a kind of it that
   *     is not computed here: names the key
   */
  static PeftConfig read(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " (" + e.getMessage() + "): give an adapter's directory");
    }
    requireLora(file, root);
    PeftConfig config = new PeftConfig(file, root);
    config.requireNumbers();
    config.requireKnown();
    return config;
  }

  /** First of all: other types use the same keys otherwise. */
  private static void requireLora(Path file, JsonNode root) {
    String type = root.path("peft_type").asText("");
    if (!type.equals("LORA")) {
      throw CriaException.badInput(
          file
              + (type.isEmpty() ? " names no peft_type" : " describes an adapter of type " + type)
              + ", and LORA is read: merge it into its model with PEFT (merge_and_unload), where"
              + " that type can be, and give the merged model");
    }
    String task = root.path("task_type").asText("");
    if (isOn(root.path("task_type")) && !task.equals("CAUSAL_LM")) {
      throw CriaException.badInput(
          file
              + " has task_type "
              + task
              + ": only CAUSAL_LM is read: give an adapter that was trained to write text");
    }
  }

  private void requireNumbers() {
    if (rank < 1) {
      throw CriaException.badInput(
          file + " has no r of at least 1: give the adapter's own " + LoraFiles.CONFIG);
    }
    if (!(alpha > 0)) {
      throw CriaException.badInput(
          file + " has no lora_alpha above 0: give the adapter's own " + LoraFiles.CONFIG);
    }
    if (dropout < 0 || dropout >= 1) {
      throw CriaException.badInput(
          file + " has lora_dropout " + dropout + ", which lies outside [0, 1): correct it");
    }
    for (Special special : ranks) {
      if (special.value() < 1 || special.value() != Math.rint(special.value())) {
        throw CriaException.badInput(
            file
                + " has rank "
                + special.value()
                + " in rank_pattern: give the adapter's own file");
      }
    }
  }

  private void requireKnown() {
    String bias = root.path("bias").asText("none");
    if (!bias.equals("none")) {
      throw CriaException.badInput(
          file + " has bias \"" + bias + "\", and trained biases are not read" + MERGE);
    }
    JsonNode start = root.path("init_lora_weights");
    if (isOn(start) && !PLAIN_STARTS.contains(start.asText())) {
      throw CriaException.badInput(
          file
              + " has init_lora_weights "
              + start
              + ", which changes the model's own weights: save it with PEFT as plain LoRA"
              + " (save_pretrained with path_initial_model_for_weight_conversion), or merge it"
              + " with PEFT and give the merged model");
    }
    if (isOn(root.path("alora_invocation_tokens"))) {
      throw CriaException.badInput(
          file
              + " has alora_invocation_tokens: such an adapter works from those tokens on only,"
              + " which is not computed here: train a plain LoRA adapter");
    }
    root.properties()
        .forEach(
            field -> {
              if (isOn(field.getValue())
                  && !READ.contains(field.getKey())
                  && !WITHOUT_EFFECT.contains(field.getKey())) {
                throw CriaException.badInput(
                    file
                        + " has "
                        + field.getKey()
                        + shown(field.getValue())
                        + ", which is not supported"
                        + MERGE);
              }
            });
  }

  private static String shown(JsonNode value) {
    return value.isContainerNode() ? "" : ": " + value;
  }

  /** Null, false, an empty text, list or object: the variant is not used. */
  private static boolean isOn(JsonNode value) {
    if (value.isContainerNode()) {
      return !value.isEmpty();
    }
    return !value.isMissingNode()
        && !value.isNull()
        && !(value.isBoolean() && !value.asBoolean())
        && !(value.isTextual() && value.asText().isEmpty());
  }

  double alpha() {
    return alpha;
  }

  double dropout() {
    return dropout;
  }

  /** The rank where no pattern says otherwise. */
  int rank() {
    return rank;
  }

  int rank(String module) {
    return (int) special(ranks, module, rank);
  }

  /** What BA is multiplied by: alpha / r, or alpha / sqrt(r) (rsLoRA, arXiv 2312.03732). */
  double scale(String module) {
    double r = rank(module);
    boolean stabilised = root.path("use_rslora").asBoolean(false);
    return special(alphas, module, alpha) / (stabilised ? Math.sqrt(r) : r);
  }

  private static double special(List<Special> specials, String module, double otherwise) {
    for (Special special : specials) {
      if (special.pattern().matchesStart(module)) {
        return special.value();
      }
    }
    return otherwise;
  }

  private List<Special> specials(String key) {
    List<Special> specials = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.path(key).properties()) {
      if (!field.getValue().isNumber()) {
        throw CriaException.badInput(
            file
                + " has no number for "
                + field.getKey()
                + " in "
                + key
                + ": give the adapter's own file");
      }
      specials.add(
          new Special(
              pattern(key, "(.*\\.)?(", field.getKey(), ")$"), field.getValue().asDouble()));
    }
    return specials;
  }

  private ModulePattern pattern(String key, String before, String written, String after) {
    return ModulePattern.of(file, key, written, before + written + after);
  }

  private List<ModulePattern> patterns(String key, String before, String after) {
    return texts(root.path(key)).stream().map(name -> pattern(key, before, name, after)).toList();
  }

  private @Nullable ModulePattern expression(String key) {
    JsonNode node = root.path(key);
    boolean is = node.isTextual() && isOn(node) && !node.asText().equals(ALL_LINEAR);
    return is ? pattern(key, "", node.asText(), "") : null;
  }

  /** Whether the file says which modules are adapted; else its tensors do. */
  boolean namesTargets() {
    return isOn(root.path("target_modules"));
  }

  /**
   * Whether the module is adapted.
   *
   * @param inLayer whether it is a linear layer of a decoder layer: the head and the embedding are
   *     none of all-linear
   */
  boolean targets(String module, boolean inLayer) {
    if (isExcluded(module)) {
      return false;
    }
    if (target != null) {
      return target.matches(module);
    }
    JsonNode targets = root.path("target_modules");
    if (targets.isTextual()) {
      return inLayer;
    }
    List<String> names = texts(targets);
    return names.contains(module)
        || (names.stream().anyMatch(name -> module.endsWith("." + name)) && isInALayer(module));
  }

  private boolean isExcluded(String module) {
    if (exclusion != null) {
      return exclusion.matches(module);
    }
    return texts(root.path("exclude_modules")).stream()
            .anyMatch(name -> module.equals(name) || module.endsWith("." + name))
        || savedModules.stream().anyMatch(pattern -> pattern.matchesStart(module));
  }

  /** Whether it belongs to a layer of layers_to_transform, where that is set. */
  private boolean isInALayer(String module) {
    JsonNode layers = root.path("layers_to_transform");
    if (!layers.isNumber() && !isOn(layers)) {
      return true;
    }
    String index = layerOf(module);
    if (index == null) {
      return false;
    }
    int layer = Integer.parseInt(index);
    if (layers.isNumber()) {
      return layers.asInt() == layer;
    }
    for (JsonNode one : layers) {
      if (one.asInt(-1) == layer) {
        return true;
      }
    }
    return false;
  }

  private @Nullable String layerOf(String module) {
    if (layerIndexes.isEmpty()) {
      Matcher matcher = LAYER.matcher(module);
      return matcher.lookingAt() ? matcher.group(1) : null;
    }
    for (ModulePattern pattern : layerIndexes) {
      String index = pattern.groupAtStart(module, "idx");
      if (!index.isEmpty()) {
        return index;
      }
    }
    return null;
  }

  /** Whether the module, or one that holds it, is trained and saved whole (modules_to_save). */
  boolean saves(String module) {
    List<String> names = texts(root.path("modules_to_save"));
    for (String holder = module; !holder.isEmpty(); holder = holderOf(holder)) {
      String known = holder;
      if (names.stream().anyMatch(known::endsWith)) {
        return true;
      }
    }
    return false;
  }

  private static String holderOf(String module) {
    return module.substring(0, Math.max(0, module.lastIndexOf('.')));
  }

  /** Whether the head stays the embedding, where it is that in the model and one is trained. */
  boolean keepsTied() {
    return root.path("ensure_weight_tying").asBoolean(false);
  }

  /** A list of texts, or one text alone. */
  private static List<String> texts(JsonNode node) {
    if (node.isTextual() && isOn(node)) {
      return List.of(node.asText());
    }
    List<String> texts = new ArrayList<>();
    node.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
