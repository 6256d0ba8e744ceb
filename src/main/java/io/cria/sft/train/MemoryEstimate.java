package io.cria.sft.train;

import io.cria.sft.model.ModelConfig;
import io.cria.sft.natives.Device;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What one process of a run will take of its device's memory, in bytes, from the model's shape and
 * the settings. Meant to be right within some tens of percent: it tells a run that cannot fit from
 * one that can before the weights are read.
 *
 * @param weights of the model, in the types they are kept in, and copies of them that a step makes
 * @param gradients of what is trained, a set a worker
 * @param moments of the optimizer, this rank's share
 * @param activations kept for the way back, of the tokens computed at once
 * @param logits of the rows whose loss is computed at once, a set a worker
 * @param rest what libtorch, its kernels and the program take beside tensors
 */
record MemoryEstimate(
    long weights, long gradients, long moments, long activations, long logits, long rest) {
  /** The settings that need less memory. */
  static final String LOWER =
      "microBatchTokens or workers, or set checkpointActivations: true, or train an adapter (lora),"
          + " or set weights: bfloat16";

  private static final long FLOAT = 4;
  private static final long HALF = 2;
  private static final long REST_OF_CPU = 450L << 20;
  private static final long REST_OF_GPU = 1200L << 20;

  /**
   * @param gpu whether it is for a GPU
   * @param type in which the linear layers compute
   * @param workers micro-batches side by side
   * @param optimizerRanks over how many ranks the optimizer's moments are shared out
   */
  static MemoryEstimate of(
      SftConfig settings,
      ModelConfig model,
      boolean gpu,
      ScalarType type,
      int workers,
      int optimizerRanks) {
    Shape shape = new Shape(model);
    SftConfig.Lora lora = settings.lora();
    boolean halfCompute = type == ScalarType.BFloat16;
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
    long tokens = settings.microBatchTokens();
    long wholeLayer = tokens * shape.layerActivations(compute);
    long inputs = tokens * FLOAT * model.hiddenSize() * (model.layers() + 1L);
    long recorded = settings.checkpointActivations() ? wholeLayer : wholeLayer * model.layers();
    long rows = Math.max(1, LabelledLoss.partLogits(gpu) / model.vocabularySize());
    long logits =
        workers
            * Math.min(rows, Math.max(1, tokens / workers))
            * model.vocabularySize()
            * (2 * FLOAT + 2 * compute);
    return new MemoryEstimate(
        weights,
        (halfWeights ? HALF * matrices + FLOAT * embedding : FLOAT * trained) * workers,
        2 * FLOAT * trained / optimizerRanks,
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

  long bytes() {
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
  Optional<String> check(Device device) {
    return check(device.isCuda(), device.freeBytes(), device.totalBytes());
  }

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

  private static String size(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%d MiB", bytes >> 20)
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
