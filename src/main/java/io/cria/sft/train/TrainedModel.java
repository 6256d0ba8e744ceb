package io.cria.sft.train;

import io.cria.sft.model.Decoder;
import io.cria.sft.model.KernelTrial;
import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.model.ModelFiles;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.model.Placement;
import io.cria.sft.model.Rotary;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.weights.Safetensors;
import io.cria.weights.TensorType;
import io.cria.weights.WeightsDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The base model and what is trained of it: all weights, or an adapter. */
final class TrainedModel implements AutoCloseable {
  private final Path base;
  private final ModelConfig config;
  private final ModelWeights weights;
  private final @Nullable LoraAdapter adapter;
  private final ScalarType type;
  private final KernelTrial.Choice kernel;
  private final Rotary rotary;

  private TrainedModel(
      Path base,
      ModelConfig config,
      ModelWeights weights,
      @Nullable LoraAdapter adapter,
      ScalarType type) {
    this.base = base;
    this.config = config;
    this.weights = weights;
    this.adapter = adapter;
    this.type = type;
    Device device = Device.of(weights.embedding());
    this.kernel = KernelTrial.choose(config, device, type);
    this.rotary = Rotary.of(config, device);
  }

  /**
   * Loads the base onto the processor and prepares what is trained.
   *
   * @param from a checkpoint whose weights to take, or null for those of the base
   * @param type in which the linear layers compute
   */
  static TrainedModel load(SftConfig settings, @Nullable Path from, ScalarType type) {
    return load(settings, from, type, Device.CPU);
  }

  /** Loads the base onto a device and prepares what is trained. */
  static TrainedModel load(
      SftConfig settings, @Nullable Path from, ScalarType type, Device device) {
    Path base = Path.of(settings.model());
    ModelConfig config = ModelConfigJson.read(base);
    SftConfig.Lora lora = settings.lora();
    if (lora == null) {
      ScalarType kept = keptType(settings);
      ModelWeights weights =
          ModelFiles.load(from == null ? base : from, config, new Placement(device, kept, kept));
      weights.named().values().forEach(tensor -> tensor.requires_grad_(true));
      return new TrainedModel(base, config, weights, null, type);
    }
    ModelWeights weights =
        ModelFiles.load(base, config, new Placement(device, type, ScalarType.Float));
    LoraAdapter adapter = LoraAdapter.create(weights, lora, settings.seed());
    if (from != null) {
      restore(adapter.named(), Safetensors.open(from.resolve(LoraFiles.WEIGHTS)));
    }
    return new TrainedModel(
        base, config, type == ScalarType.Float ? weights : rounded(weights, type), adapter, type);
  }

  private static ScalarType keptType(SftConfig settings) {
    return settings.weights().equals(SftConfig.BFLOAT16) ? ScalarType.BFloat16 : ScalarType.Float;
  }

  private static void restore(Map<String, Tensor> tensors, Safetensors file) {
    Scoped.withoutGradients(
        () -> {
          tensors.forEach(
              (name, tensor) ->
                  tensor.detach().copy_(Tensors.of(file.tensor("base_model.model." + name))));
          return true;
        });
  }

  /**
   * Frozen matrices are rounded once, not at every use; norms and the embedding's rows stay
   * float32.
   */
  private static ModelWeights rounded(ModelWeights weights, ScalarType type) {
    ModelWeights rounded =
        weights.map(
            (name, tensor) -> {
              if (tensor.dim() < 2 || name.equals(ModelWeights.EMBEDDING)) {
                return tensor;
              }
              Tensor small = Scoped.keep(() -> tensor.to(type));
              Tensors.release(tensor);
              return small;
            });
    if (weights.untiedHead() != null) {
      return rounded;
    }
    return new ModelWeights(
        rounded.embedding(),
        rounded.layers(),
        rounded.norm(),
        Scoped.keep(() -> weights.embedding().to(type)));
  }

  ModelConfig config() {
    return config;
  }

  /** What the optimizer changes, by name. */
  Map<String, Tensor> parameters() {
    return adapter == null ? weights.named() : adapter.named();
  }

  /** The model, and {@code count} - 1 more views of it for workers. */
  List<GradientWorkers.Replica> replicas(int count) {
    List<GradientWorkers.Replica> replicas = new ArrayList<>();
    replicas.add(replica(weights, adapter));
    for (int i = 1; i < count; i++) {
      if (adapter == null) {
        replicas.add(replica(weights.map((name, tensor) -> alias(tensor)), null));
      } else {
        replicas.add(replica(weights, adapter.map(TrainedModel::alias)));
      }
    }
    return replicas;
  }

  private GradientWorkers.Replica replica(ModelWeights ofWeights, @Nullable LoraAdapter ofAdapter) {
    ModelWeights whole = ofAdapter == null ? ofWeights : ofAdapter.attach(ofWeights);
    Map<String, Tensor> parameters = ofAdapter == null ? ofWeights.named() : ofAdapter.named();
    return new GradientWorkers.Replica(
        new Decoder(config, whole, rotary, type, kernel.kernel()), new LinkedHashMap<>(parameters));
  }

  /** The same values with gradients of its own. */
  private static Tensor alias(Tensor tensor) {
    return Scoped.keep(() -> tensor.detach().requires_grad_(true));
  }

  /**
   * Writes what was trained: a whole model's directory, or an adapter's.
   *
   * @param baseName how an adapter names the model it belongs to; null for its directory
   */
  void save(Path directory, @Nullable String baseName) {
    if (adapter == null) {
      ModelFiles.saveAsKept(directory, config, weights, base);
    } else {
      LoraFiles.save(directory, adapter, baseName == null ? base.toString() : baseName);
    }
  }

  /**
   * Writes the base with the adapter added in, as a whole model; the base is read anew in float32.
   */
  void saveMerged(Path directory) {
    LoraAdapter added = Objects.requireNonNull(adapter);
    try (ModelWeights whole = ModelFiles.load(base, config)) {
      ModelFiles.save(directory, config, added.mergeInto(whole), TensorType.F32, base);
    }
  }

  /** How attention is computed, and why so. */
  String attention() {
    return kernel.words();
  }

  boolean isAdapter() {
    return adapter != null;
  }

  /** Whether what was saved there is a whole model; else it is an adapter. */
  static boolean isModel(Path directory) {
    return Files.exists(directory.resolve(ModelConfigJson.FILE));
  }

  /**
   * Opens what {@link #save} wrote.
   *
   * @throws io.cria.task.CriaException when a file lacks or is broken
   */
  static void requireFiles(Path directory) {
    if (isModel(directory)) {
      ModelConfigJson.read(directory);
      WeightsDirectory.open(directory);
    } else {
      Safetensors.open(directory.resolve(LoraFiles.WEIGHTS));
    }
  }

  @Override
  public void close() {
    weights.close();
    if (adapter != null) {
      adapter.close();
    }
    rotary.close();
  }

  /**
   * Numbers of the model for the run's first line. An embedding that is the head too counts once,
   * also where the head computes with a rounded copy of it.
   */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new HashMap<>();
    sizes.put("trained", parameters().values().stream().mapToLong(Tensor::numel).sum());
    sizes.put(
        "all",
        weights.named().entrySet().stream()
            .filter(
                weight -> !config.tiedEmbeddings() || !weight.getKey().equals(ModelWeights.HEAD))
            .mapToLong(weight -> weight.getValue().numel())
            .sum());
    return sizes;
  }
}
