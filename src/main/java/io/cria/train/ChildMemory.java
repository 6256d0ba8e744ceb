package io.cria.train;

import io.cria.sft.ClusterConfig;
import io.cria.sft.SftRunFile;
import io.cria.sft.train.MemoryEstimate;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;

/**
 * What the process of a rank takes, and whether there is so much. It runs beside the executor's
 * Java virtual machine: cluster managers that bound an executor's memory count it as its overhead.
 */
final class ChildMemory {
  private static final long MIB = 1L << 20;
  private static final String CONFIG = "the base model's config.json";
  private static final double OVERHEAD_SHARE = 0.1;
  private static final long OVERHEAD_LEAST = 384 * MIB;

  /** libtorch itself, its threads, files on their way. */
  private static final long LIBRARIES = 700 * MIB;

  /** Bytes of a weight in the usual four-bit blocks with their scales. */
  private static final double QUANTISED = 0.55;

  /** Where nothing describes the model: weights, gradients and two moments. */
  private static final int SETS = 4;

  private ChildMemory() {}

  /**
   * An estimate on the high side, of memory of the host: the engine's own, with the heap.
   *
   * @param bytes of the base model's files
   * @param config text of its config.json; empty where that is not at hand
   * @param cpus of a rank
   */
  static long estimate(
      SftRunFile file, long bytes, boolean gguf, String config, int cpus, int ranks) {
    long heap = ClusterConfig.bytes(file.cluster().heap());
    if (config.isEmpty()) {
      double parameters = bytes / (gguf ? QUANTISED : Short.BYTES);
      return (long) (SETS * Float.BYTES * parameters) + LIBRARIES + heap;
    }
    if (file.cluster().gpusPerRank() > 0 && !file.training().device().equals("cpu")) {
      // the weights come by way of the host, in float32 at most
      return Float.BYTES * MemoryEstimate.parameters(config, CONFIG) + LIBRARIES + heap;
    }
    return MemoryEstimate.onProcessor(
                file.training(), config, CONFIG, cpus, ranks, file.shards().contextLength())
            .bytes()
        + heap;
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
              + MemoryEstimate.size(granted)
              + " beside its heap, and "
              + (together == 1 ? "a rank's process takes " : together + " ranks' processes take ")
              + MemoryEstimate.size(needed)
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
}
