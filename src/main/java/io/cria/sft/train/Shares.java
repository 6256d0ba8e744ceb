package io.cria.sft.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * Which rank holds the optimizer's state of which parameter. Sharded (ZeRO stage 1; Rajbhandari et
 * al., arXiv 1910.02054, by whole parameters), each parameter has one owner, which alone updates it
 * and hands its new values to the others; the owners follow from the parameters' sizes, and each
 * owns about as many values. Else every rank updates all, and rank 0 stands for them.
 */
final class Shares {
  private final int rank;
  private final boolean sharded;
  private final Map<String, Integer> owners;

  private Shares(int rank, boolean sharded, Map<String, Integer> owners) {
    this.rank = rank;
    this.sharded = sharded;
    this.owners = owners;
  }

  static Shares of(Map<String, Tensor> parameters, int rank, int size, boolean sharded) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    parameters.forEach((name, tensor) -> sizes.put(name, tensor.numel()));
    boolean shared = sharded && size > 1;
    return new Shares(rank, shared, owners(sizes, shared ? size : 1));
  }

  /** The largest first, each to the rank that has the least so far. */
  static Map<String, Integer> owners(Map<String, Long> sizes, int ranks) {
    List<Map.Entry<String, Long>> order = new ArrayList<>(sizes.entrySet());
    order.sort(Comparator.comparing(Map.Entry<String, Long>::getValue).reversed());
    long[] load = new long[ranks];
    Map<String, Integer> owners = new HashMap<>();
    for (Map.Entry<String, Long> parameter : order) {
      int least = 0;
      for (int rank = 1; rank < ranks; rank++) {
        least = load[rank] < load[least] ? rank : least;
      }
      load[least] += parameter.getValue();
      owners.put(parameter.getKey(), least);
    }
    return owners;
  }

  /** Whether each parameter is updated by its owner alone. */
  boolean isSharded() {
    return sharded;
  }

  /** The rank whose state of the parameter is saved: the owner, or 0 where all have it. */
  int owner(String name) {
    return Objects.requireNonNull(owners.get(name), name);
  }

  /** Whether this rank's state of the parameter is the one that is saved. */
  boolean isMine(String name) {
    return owner(name) == rank;
  }

  /** The parameters that this rank updates. */
  Map<String, Tensor> updated(Map<String, Tensor> parameters) {
    Map<String, Tensor> updated = new LinkedHashMap<>();
    parameters.forEach(
        (name, tensor) -> {
          if (!sharded || isMine(name)) {
            updated.put(name, tensor);
          }
        });
    return updated;
  }
}
