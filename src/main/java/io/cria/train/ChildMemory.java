package io.cria.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.sft.ClusterConfig;
import io.cria.sft.train.SftConfig;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.SparkConf;

/**
 * What the process of a rank takes, and whether there is so much. It runs beside the executor's
 * Java virtual machine: cluster managers that bound an executor's memory count it as its overhead.
 */
final class ChildMemory {
  private static final long MIB = 1L << 20;
  private static final double OVERHEAD_SHARE = 0.1;
  private static final long OVERHEAD_LEAST = 384 * MIB;

  /** libtorch itself, its threads, files on their way. */
  private static final long LIBRARIES = 700 * MIB;

  /** Bytes of a weight in the usual four-bit blocks with their scales. */
  private static final double QUANTISED = 0.55;

  /** Values kept of a layer for the way back, in units of its width. */
  private static final int KEPT_OF_A_LAYER = 34;

  private static final int KEPT_WHEN_COMPUTED_AGAIN = 2;

  /** Logits, their softmax and their gradient. */
  private static final int OF_THE_VOCABULARY = 3;

  private ChildMemory() {}

  /**
   * An estimate on the high side.
   *
   * @param bytes of the base model's files
   * @param model its config.json; an empty object where that is not at hand
   */
  static long estimate(
      SftConfig training,
      ClusterConfig cluster,
      long bytes,
      boolean gguf,
      JsonNode model,
      int ranks) {
    boolean wide = model.path("torch_dtype").asText().equals("float32");
    double parameters = bytes / (gguf ? QUANTISED : wide ? Float.BYTES : Short.BYTES);
    boolean onDevice = training.device().startsWith("cuda");
    double weights = Float.BYTES * parameters;
    double learnt = training.lora() == null ? Float.BYTES * parameters * (1 + 2.0 / ranks) : 0;
    double passing = onDevice ? 0 : activations(training, model);
    return (long) (weights + (onDevice ? 0 : learnt) + passing)
        + LIBRARIES
        + ClusterConfig.bytes(cluster.heap());
  }

  private static double activations(SftConfig training, JsonNode model) {
    double kept = training.checkpointActivations() ? KEPT_WHEN_COMPUTED_AGAIN : KEPT_OF_A_LAYER;
    double layers = model.path("num_hidden_layers").asDouble();
    double width = model.path("hidden_size").asDouble();
    double words = model.path("vocab_size").asDouble();
    return (double) Float.BYTES
        * training.microBatchTokens()
        * (layers * width * kept + OF_THE_VOCABULARY * words);
  }

  /**
   * Holds the need against what a cluster manager grants an executor beside its heap.
   *
   * @param together ranks that one executor may have at once
   * @return whether the manager gives no more than it grants: elsewhere (standalone) the host's
   *     free memory counts too
   * @throws CriaException (bad input) when it is too little
   */
  static boolean requireGranted(SparkConf conf, long memory, int together) {
    String key = "spark.executor.memoryOverhead";
    String master = conf.get("spark.master", "");
    boolean bounded = master.startsWith("yarn") || master.startsWith("k8s");
    if (!bounded && !conf.contains(key)) {
      return false;
    }
    long heap = conf.getSizeAsBytes("spark.executor.memory", "1g");
    double share = conf.getDouble("spark.executor.memoryOverheadFactor", OVERHEAD_SHARE);
    long granted =
        conf.contains(key)
            ? conf.getSizeAsMb(key) * MIB
            : Math.max(OVERHEAD_LEAST, (long) (share * heap));
    long needed = memory * together;
    if (needed > granted) {
      throw CriaException.badInput(
          key
              + ": an executor grants "
              + text(granted)
              + " beside its heap, and "
              + (together == 1 ? "a rank's process takes " : together + " ranks' processes take ")
              + text(needed)
              + ": set "
              + key
              + "="
              + (needed / MIB + 1)
              + "m, or cluster.memory to what a rank really takes");
    }
    return bounded;
  }

  /** Bytes that this host has free, or a control group leaves of it; -1 where nothing tells. */
  static long available() {
    long free = -1;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          free = Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
      Path limit = Path.of("/sys/fs/cgroup/memory.max");
      Path used = Path.of("/sys/fs/cgroup/memory.current");
      if (Files.exists(limit) && Files.exists(used)) {
        String most = Files.readString(limit).strip();
        if (!most.equals("max")) {
          long left = Long.parseLong(most) - Long.parseLong(Files.readString(used).strip());
          free = free < 0 ? left : Math.min(free, left);
        }
      }
    } catch (IOException | NumberFormatException e) {
      System.getLogger(ChildMemory.class.getName())
          .log(System.Logger.Level.DEBUG, "free memory is not known: {0}", e.getMessage());
    }
    return free;
  }

  /** For example {@code 6.2 GiB}. */
  static String text(long bytes) {
    return bytes < 1024 * MIB
        ? bytes / MIB + " MiB"
        : String.format(Locale.ROOT, "%.1f GiB", (double) bytes / (1024 * MIB));
  }
}
