package io.cria.sft;

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
 *
 * @param ranks how many train together; null for as many as there is room for
 * @param gpusPerRank GPUs that Spark gives to a rank: 0 or 1
 * @param memory what one rank's process may take in all, such as {@code 6g}; null for an estimate
 *     from the model
 * @param heap of that, the heap of its Java virtual machine
 * @param classPath of the process; null for what Cria ships
 * @param environment variables of the process beside those it inherits
 * @param waitSeconds how long to wait for executors, at the start and for lost ones; null for what
 *     is usual with the master
 */
public record ClusterConfig(
    @Nullable Integer ranks,
    Integer gpusPerRank,
    @Nullable String memory,
    String heap,
    @Nullable String classPath,
    Map<String, String> environment,
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
