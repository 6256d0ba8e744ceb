package io.cria.sft.train;

import io.cria.sft.model.ModelConfig;
import io.cria.sft.model.ModelConfigJson;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one process of a run will take of its device's memory, in bytes, from the model's shape and
 * the settings. Meant to be right within some tens of percent: it tells a run that cannot fit from
 * one that can before the weights are read. Loads no natives: a driver asks too, for its ranks.
 *
 * @param weights of the model, in the types they are kept in, and copies of them that a step makes
 * @param gradients of what is trained, a set a worker
 * @param moments of the optimizer, this rank's share
 * @param activations kept for the way back, of the tokens computed at once
 * @param logits of the rows whose loss is computed at once, a set a worker
 * @param rest what libtorch, its kernels and the program take beside tensors
 */
public record MemoryEstimate(
    long weights, long gradients, long moments, long activations, long logits, long rest) {
  /** The settings that need less memory. */
  static final String LOWER =
      "microBatchTokens or workers, or set checkpointActivations: true, or train an adapter (lora),"
          + " or set weights: bfloat16";

  private static final long FLOAT = 4;
  private static final long HALF = 2;
  private static final int WORKERS_AT_MOST = 4;
  private static final long REST_OF_CPU = 450L << 20;
  private static final long REST_OF_GPU = 1200L << 20;

  /**
   * How the settings are carried out.
   *
   * @param gpu whether it is for a GPU
   * @param half whether the linear layers compute in bfloat16
   * @param workers micro-batches side by side
   * @param optimizerRanks over how many ranks the optimizer's moments are shared out
   * @param longestRow tokens that the longest row of the data has, which is not divided
   */
  record Plan(boolean gpu, boolean half, int workers, int optimizerRanks, int longestRow) {}

  /**
   * Of a process that computes on the processor, on the high side where only that one can tell in
   * which type.
   *
   * @param config text of the model's config.json
   * @param where how errors name it
   * @param processors that it has
   * @param ranks that train together
   * @param longestRow tokens of a row at most
   */
  public static MemoryEstimate onProcessor(
      SftConfig settings, String config, String where, int processors, int ranks, int longestRow) {
    ModelConfig model = ModelConfigJson.parse(config, where);
    int workers = workers(settings, false, processors);
    int optimizerRanks = settings.shardOptimizer() ? ranks : 1;
    boolean auto = settings.precision().equals(SftConfig.AUTO);
    boolean half = auto || settings.precision().equals(SftConfig.BFLOAT16);
    MemoryEstimate narrow =
        of(settings, model, new Plan(false, half, workers, optimizerRanks, longestRow));
    MemoryEstimate wide =
        of(settings, model, new Plan(false, !auto && half, workers, optimizerRanks, longestRow));
    return narrow.bytes() > wide.bytes() ? narrow : wide;
  }

  /** Values of a model's weights. */
  public static long parameters(String config, String where) {
    Shape shape = new Shape(ModelConfigJson.parse(config, where));
    return shape.embedding() + shape.matrices();
  }

  /** Micro-batches side by side, where no checkpoint says it. */
  static int workers(SftConfig settings, boolean gpu, int processors) {
    SftConfig.@Nullable Lora lora = settings.lora();
    if (gpu) {
      return 1;
    }
    if (settings.workers() != null) {
      return settings.workers();
    }
    return lora != null && lora.dropout() > 0 ? 1 : Math.min(WORKERS_AT_MOST, processors);
  }

  /**
   * Logits in memory at once: 128 MiB of float32, or on a GPU 1 GiB, whose many units smaller
   * products would leave idle.
   */
  static long partLogits(boolean gpu) {
    return gpu ? 1L << 28 : 1L << 25;
  }

  static MemoryEstimate of(SftConfig settings, ModelConfig model, Plan plan) {
    boolean gpu = plan.gpu();
    int workers = plan.workers();
    Shape shape = new Shape(model);
    SftConfig.Lora lora = settings.lora();
    boolean halfCompute = plan.half();
    boolean halfWeights = lora == null && settings.weights().equals(SftConfig.BFLOAT16);
    long compute = halfCompute ? HALF : FLOAT;
    long kept = halfWeights ? HALF : FLOAT;
    long embedding = shape.embedding();
    long matrices = shape.matrices();
    long trained;
    long weights;
    if (lora == null) {
      trained = embedding + matrices;
      weights = kept * trained;
      if (halfCompute && !halfWeights) {
        // each use of a float32 weight makes a rounded copy, which the recorded graph keeps
        weights +=
            HALF * workers * (settings.checkpointActivations() ? shape.layer() : matrices)
                + HALF * embedding;
      }
    } else {
      trained = shape.adapter(lora);
      weights = FLOAT * (embedding + trained) + compute * matrices;
      weights += halfCompute && model.tiedEmbeddings() ? HALF * shape.head() : 0;
    }
    // a row is not divided, however many workers there are
    long ofAWorker = Math.max(plan.longestRow(), settings.microBatchTokens() / workers);
    long tokens = ofAWorker * workers;
    long wholeLayer = tokens * shape.layerActivations(compute);
    long inputs = tokens * FLOAT * model.hiddenSize() * (model.layers() + 1L);
    long recorded = settings.checkpointActivations() ? wholeLayer : wholeLayer * model.layers();
    long rows = Math.max(1, partLogits(gpu) / model.vocabularySize());
    long logits =
        workers
            * Math.min(rows, Math.max(1, ofAWorker))
            * model.vocabularySize()
            * (2 * FLOAT + 2 * compute);
    return new MemoryEstimate(
        weights,
        FLOAT * trained * workers,
        2 * FLOAT * trained / plan.optimizerRanks(),
        // on the way back one layer's gradients lie beside what is kept
        inputs + recorded + wholeLayer / 2 + tokens * FLOAT * model.hiddenSize() * 2,
        logits,
        gpu ? REST_OF_GPU : REST_OF_CPU);
  }

  /** Parameters and activations of a model's parts. */
  private record Shape(ModelConfig model) {
    long embedding() {
      return (long) model.vocabularySize() * model.hiddenSize();
    }

    long head() {
      return embedding();
    }

    private long attended() {
      return (long) model.heads() * model.headDimension();
    }

    private long shared() {
      return (long) model.keyValueHeads() * model.headDimension();
    }

    long layer() {
      long c = model.hiddenSize();
      return c * (2 * attended() + 2 * shared()) + 3 * c * model.intermediateSize();
    }

    /** Layers, and a head of its own. */
    long matrices() {
      return layer() * model.layers() + (model.tiedEmbeddings() ? 0 : head());
    }

    /** An upper bound: all linear layers, where fewer may be named. */
    long adapter(SftConfig.Lora lora) {
      long c = model.hiddenSize();
      long inAndOut = 4 * c + 2 * attended() + 2 * shared() + 3 * (c + model.intermediateSize());
      return lora.rank() * inAndOut * model.layers();
    }

    /**
     * Bytes a token that one layer's recorded graph keeps: what the norms multiply, what goes into
     * the linear layers, turned heads and what attention gave, gate, up, and their products.
     */
    long layerActivations(long compute) {
      long c = model.hiddenSize();
      return FLOAT * 3 * c
          + compute * (2 * c + 2 * attended() + 3 * shared() + 4L * model.intermediateSize());
    }
  }

  public long bytes() {
    return weights + gradients + moments + activations + logits + rest;
  }

  /** In words, with its parts. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%s: weights %s, gradients %s, moments %s, activations %s, logits %s, rest %s",
        size(bytes()),
        size(weights),
        size(gradients),
        size(moments),
        size(activations),
        size(logits),
        size(rest));
  }

  /** The whole of it, for a person. */
  String total() {
    return size(bytes());
  }

  /**
   * Refuses a run that cannot fit: on a GPU one that exceeds what is free, on the processor one
   * whose weights, gradients and moments alone exceed all memory.
   *
   * @return a warning where the system's free memory may not do; empty where all is well
   */
  Optional<String> check(boolean gpu, long free, long total) {
    if (free <= 0 || bytes() <= free) {
      return Optional.empty();
    }
    if (gpu || weights + gradients + moments > total) {
      throw CriaException.badInput(
          "the run needs about "
              + describe()
              + ", and "
              + (gpu
                  ? "the GPU has " + size(free) + " free: "
                  : "the machine has " + size(total) + ": ")
              + advice());
    }
    return Optional.of(
        "the run may need more memory than the "
            + size(free)
            + " that are free: about "
            + describe()
            + "; if it does not fit, "
            + advice());
  }

  /** What to lower, what takes most first. */
  private String advice() {
    List<String> ways = new ArrayList<>();
    if (activations + logits >= weights + gradients + moments) {
      ways.add("lower microBatchTokens");
      ways.add("set checkpointActivations: true");
      ways.add("train an adapter (lora)");
    } else {
      ways.add("train an adapter (lora)");
      ways.add("set weights: bfloat16");
      ways.add("share the optimizer's state over more ranks");
      ways.add("lower workers or microBatchTokens");
    }
    return String.join(", or ", ways);
  }

  /** For example {@code 6.2 GiB}. */
  public static String size(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%d MiB", bytes >> 20)
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
