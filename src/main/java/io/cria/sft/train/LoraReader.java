package io.cria.sft.train;

import io.cria.sft.model.LowRank;
import io.cria.sft.model.ModelWeights;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.weights.Safetensors;
import io.cria.weights.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One PEFT adapter being read. Every tensor of its file must have a place in the model that its
 * configuration names, and every place its tensors. What is added to the embedding and the head is
 * added into a copy of them at once, so that the computation knows additions to linear layers only.
 */
final class LoraReader {
  private static final String WEIGHT = ".weight";
  private static final String TRAINED = ".modules_to_save";
  private static final String EMBEDDING = moduleOf(ModelWeights.EMBEDDING);
  private static final String HEAD = moduleOf(ModelWeights.HEAD);

  private final PeftConfig config;
  private final Path file;
  private final Safetensors tensors;
  private final ModelWeights weights;

  /** Rows of the embedding and the head it was trained with: the model's, or its own number. */
  private final long rows;

  private final boolean tied;
  private final boolean staysTied;
  private final TreeSet<String> unused;
  private final TreeSet<String> targets = new TreeSet<>();

  LoraReader(PeftConfig config, Path file, ModelWeights weights) {
    this.config = config;
    this.file = file;
    this.tensors = Safetensors.open(file);
    this.weights = weights;
    this.rows = trainedRows();
    this.tied = weights.untiedHead() == null;
    this.staysTied = tied && config.keepsTied();
    this.unused = new TreeSet<>(tensors.names());
  }

  /**
   * Reads it.
   *
   * @throws CriaException when tensors are missing, have no place, or another shape than it
   */
  LoraAdapter read() {
    Map<String, LowRank> layers = layers();
    WholeWeights whole = whole();
    requireAllUsed(layers.isEmpty() && whole.tensors().isEmpty());
    return new LoraAdapter(
        new SftConfig.Lora(
            config.rank(), config.alpha(), config.dropout(), List.copyOf(targets), true),
        layers,
        whole);
  }

  private long trainedRows() {
    for (String suffix : List.of(WEIGHT, ".base_layer" + WEIGHT)) {
      String name = LoraFiles.PREFIX + EMBEDDING + suffix;
      if (tensors.has(name)) {
        return tensors.tensor(name).shape()[0];
      }
    }
    return weights.embedding().size(0);
  }

  private Map<String, LowRank> layers() {
    Map<String, LowRank> layers = new LinkedHashMap<>();
    weights.mapLinears(
        (module, linear) -> {
          long out = linear.weight().size(0);
          long in = linear.weight().size(1);
          LowRank low = lowRank(module, true, ".lora_A.weight", in, ".lora_B.weight", out);
          if (low != null) {
            layers.put(module, low);
          }
          return linear;
        });
    return layers;
  }

  /** (r, in) and (out, r); null where the module is not adapted. The caller releases both. */
  private @Nullable LowRank lowRank(
      String module, boolean inLayer, String aSuffix, long in, String bSuffix, long out) {
    String a = LoraFiles.PREFIX + module + aSuffix;
    String b = LoraFiles.PREFIX + module + bSuffix;
    boolean adapted =
        config.namesTargets() ? config.targets(module, inLayer) : tensors.has(a) || tensors.has(b);
    if (!adapted) {
      return null;
    }
    targets.add(module.substring(module.lastIndexOf('.') + 1));
    long rank = config.rank(module);
    return new LowRank(
        read(a, "target_modules", rank, in),
        read(b, "target_modules", out, rank),
        config.scale(module),
        config.dropout());
  }

  private WholeWeights whole() {
    Map<String, Tensor> found = new LinkedHashMap<>();
    weights.named().forEach((name, own) -> putFull(found, name, own));
    if (tied) {
      putFull(found, ModelWeights.HEAD, weights.embedding());
    }
    if (rows != weights.embedding().size(0) && !tied && !found.containsKey(ModelWeights.HEAD)) {
      throw lacks(LoraFiles.PREFIX + ModelWeights.HEAD, "vocabulary of " + rows + " tokens");
    }
    long width = weights.embedding().size(1);
    LowRank toEmbedding =
        lowRank(EMBEDDING, false, ".lora_embedding_A", rows, ".lora_embedding_B", width);
    if (staysTied) {
      keepTied(found);
      add(found, ModelWeights.EMBEDDING, weights.embedding(), toEmbedding, true);
      return new WholeWeights(found, false);
    }
    LowRank toHead = lowRank(HEAD, false, ".lora_A.weight", width, ".lora_B.weight", rows);
    boolean parts =
        tied
            && (toEmbedding != null
                || toHead != null
                || config.saves(EMBEDDING)
                || config.saves(HEAD));
    if (tied) {
      settleSharedBase(found, parts);
    }
    add(found, ModelWeights.EMBEDDING, weights.embedding(), toEmbedding, true);
    add(found, ModelWeights.HEAD, weights.head(), toHead, false);
    return new WholeWeights(found, parts);
  }

  /**
   * A whole weight from the file, where there is one: a module of modules_to_save, or the embedding
   * and the head that PEFT saves beside what was added to them.
   */
  private void putFull(Map<String, Tensor> found, String name, Tensor own) {
    String module = moduleOf(name);
    String kind = name.substring(module.length());
    long[] shape = own.shape();
    if (module.equals(EMBEDDING) || module.equals(HEAD)) {
      shape[0] = rows;
    }
    String at = LoraFiles.PREFIX + module;
    for (String key : List.of(at + kind, at + ".base_layer" + kind, at + TRAINED + kind)) {
      if (tensors.has(key)) {
        found.put(name, read(key, "modules_to_save", shape));
        // where the vocabulary grew, PEFT saves a whole module under three names
        unused.remove(at + TRAINED + kind);
        unused.remove(at + ".original_module" + kind);
        return;
      }
    }
    if (config.saves(module) && !(name.equals(ModelWeights.HEAD) && staysTied)) {
      throw lacks(LoraFiles.PREFIX + name, "modules_to_save");
    }
  }

  /** The head is the embedding and stays so; PEFT saves what belongs to it twice. */
  private void keepTied(Map<String, Tensor> found) {
    Tensor head = found.remove(ModelWeights.HEAD);
    if (head != null && found.putIfAbsent(ModelWeights.EMBEDDING, head) != null) {
      Tensors.release(head);
    }
    unused.remove(LoraFiles.PREFIX + HEAD + ".lora_A.weight");
    unused.remove(LoraFiles.PREFIX + HEAD + ".lora_B.weight");
  }

  /**
   * Of a model whose head is its embedding, what was not trained whole is one tensor under two
   * names, and PEFT sets both from either.
   *
   * @param parts whether the two go apart afterwards
   */
  private void settleSharedBase(Map<String, Tensor> found, boolean parts) {
    Tensor embedding = config.saves(EMBEDDING) ? null : found.get(ModelWeights.EMBEDDING);
    Tensor head = config.saves(HEAD) ? null : found.get(ModelWeights.HEAD);
    if (embedding != null && head != null && !Scoped.call(() -> embedding.equal(head))) {
      throw CriaException.badInput(
          file
              + " holds an embedding and a head that differ, and they are one in the model: give"
              + " an adapter of this model");
    }
    if (embedding == null && head != null && !config.saves(EMBEDDING)) {
      found.put(ModelWeights.EMBEDDING, Tensors.keep(head));
    }
    if (embedding != null && head == null && parts && !config.saves(HEAD)) {
      found.put(ModelWeights.HEAD, Tensors.keep(embedding));
    }
    if (!parts) {
      Tensor spare = found.remove(ModelWeights.HEAD);
      if (spare != null) {
        Tensors.release(spare);
      }
    }
  }

  /** Sets what was there plus the addition, where there is one. */
  private static void add(
      Map<String, Tensor> found, String name, Tensor own, @Nullable LowRank low, boolean turned) {
    if (low == null) {
      return;
    }
    Tensor was = found.get(name);
    Tensor base = was == null ? own : was;
    found.put(
        name,
        Scoped.keep(
            () -> base.detach().add(turned ? low.delta().t() : low.delta(), new Scalar(1.0))));
    if (was != null) {
      Tensors.release(was);
    }
    Tensors.release(low.a());
    Tensors.release(low.b());
  }

  private Tensor read(String name, String key, long... shape) {
    if (!tensors.has(name)) {
      throw lacks(name, key);
    }
    unused.remove(name);
    StoredTensor tensor = tensors.tensor(name);
    tensor.requireFloating(file.toString());
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw misshapen(tensor, shape);
    }
    return Scoped.keep(() -> Device.of(weights.embedding()).put(Tensors.of(tensor)));
  }

  private CriaException lacks(String name, String key) {
    return CriaException.badInput(
        file + " lacks " + name + ", which its " + key + " asks for: give the whole adapter");
  }

  private CriaException misshapen(StoredTensor tensor, long[] shape) {
    long[] given = tensor.shape();
    for (int i = 0; i < Math.min(given.length, shape.length); i++) {
      if (shape[i] == rows && given[i] != rows && isOfTokens(tensor.name())) {
        return CriaException.badInput(
            file
                + " has "
                + tensor.name()
                + " for "
                + given[i]
                + " tokens, and an embedding of "
                + rows
                + ": resize the model as it was for training (resize_token_embeddings), merge the"
                + " adapter into it with PEFT (merge_and_unload) and give the merged model");
      }
    }
    return CriaException.badInput(
        "tensor "
            + tensor.name()
            + " in "
            + file
            + " has shape "
            + Arrays.toString(given)
            + ", expected "
            + Arrays.toString(shape)
            + ": give an adapter of this model");
  }

  private static boolean isOfTokens(String name) {
    return name.startsWith(LoraFiles.PREFIX + EMBEDDING)
        || name.startsWith(LoraFiles.PREFIX + HEAD);
  }

  private void requireAllUsed(boolean empty) {
    if (!unused.isEmpty()) {
      String name = unused.first();
      int at = name.indexOf(".lora_");
      String module = at < 0 ? "" : name.substring(LoraFiles.PREFIX.length(), at);
      throw CriaException.badInput(
          file
              + " holds "
              + name
              + (isAModule(module)
                  ? ", which its "
                      + LoraFiles.CONFIG
                      + " does not ask for: give both of one adapter"
                  : ", which has no place in the model: give an adapter of this model"));
    }
    if (empty) {
      throw CriaException.badInput(file + " holds no LoRA tensors: give an adapter of this model");
    }
  }

  private boolean isAModule(String module) {
    return module.equals(HEAD) || weights.named().containsKey(module + WEIGHT);
  }

  private static String moduleOf(String parameter) {
    return parameter.substring(0, parameter.lastIndexOf('.'));
  }
}
