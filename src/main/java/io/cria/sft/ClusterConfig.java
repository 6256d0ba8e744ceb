package io.cria.sft;

import io.cria.task.Key;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code cluster} of a fine-tuning run file: how {@code cria train} runs its ranks.
 * None of it decides what is learnt, so a training goes on under other values. No secrets belong
 * here: the run keeps a copy of the file.
 */
public record ClusterConfig(
    @Key(value = "How many ranks train together; without it as many as there is room for", min = 1)
        @Nullable Integer ranks,
    @Key(value = "GPUs that Spark gives to a rank: 0 or 1", min = 0, max = 1) Integer gpusPerRank,
    @Key(
            value =
                "What one rank's process may take in all, such as 6g; without it an estimate"
                    + " from the model",
            form = "[1-9][0-9]{0,8}[kmgtKMGT]")
        @Nullable String memory,
    @Key(
            value = "Of that, the heap of its Java virtual machine; less than memory",
            form = "[1-9][0-9]{0,8}[kmgtKMGT]")
        String heap,
    @Key("Class path of the process; without it what Cria ships") @Nullable String classPath,
    @Key("Variables of the process beside those it inherits; no secrets")
        Map<String, String> environment,
    @Key(
            value =
                "How long executors are waited for, at the start and when some are lost;"
                    + " without it what is usual with the master",
            min = 0)
        @Nullable Integer waitSeconds) {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})([kmgt])");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  public static final ClusterConfig DEFAULT =
      new ClusterConfig(null, 0, null, "1g", null, Map.of(), null);

  public ClusterConfig {
    gpusPerRank = Objects.requireNonNullElse(gpusPerRank, 0);
    heap = Objects.requireNonNullElse(heap, "1g");
    environment = new TreeMap<>(Objects.requireNonNullElse(environment, Map.of()));
    require(ranks == null || ranks >= 1, "cluster.ranks must be at least 1, not " + ranks);
    require(
        gpusPerRank == 0 || gpusPerRank == 1,
        "cluster.gpusPerRank must be 0 or 1, because a rank trains on one device, not "
            + gpusPerRank);
    require(
        waitSeconds == null || waitSeconds >= 0,
        "cluster.waitSeconds must be at least 0, not " + waitSeconds);
    require(
        memory == null || SIZE.matcher(lower(memory)).matches(),
        "cluster.memory must be a size such as 6g or 800m, not '" + memory + "'");
    require(
        SIZE.matcher(lower(heap)).matches(),
        "cluster.heap must be a size such as 1g or 800m, not '" + heap + "'");
    require(
        memory == null || bytes(memory) > bytes(heap),
        "cluster.memory "
            + memory
            + " is all that a rank's process may take, and its Java heap alone is cluster.heap "
            + heap
            + ": raise the one or lower the other");
    for (String name : environment.keySet()) {
      require(
          VARIABLE.matcher(name).matches(),
          "cluster.environment: '" + name + "' is no name of a variable");
    }
  }

  /**
   * A size in bytes.
   *
   * @param size a number and k, m, g or t
   */
  public static long bytes(String size) {
    Matcher matcher = SIZE.matcher(lower(size));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no size: " + size);
    }
    int thousands = "kmgt".indexOf(matcher.group(2)) + 1;
    return Long.parseLong(matcher.group(1)) << (10 * thousands);
  }

  private static String lower(String size) {
    return size.toLowerCase(Locale.ROOT);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
