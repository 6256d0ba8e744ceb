package io.cria.weights;

import java.util.Set;

/**
 * Tensors by name, wherever they lie. Opening checked them all, so reading one does not fail for
 * the file's fault.
 */
public interface Weights {
  /** All names, in the file's order. */
  Set<String> names();

  /**
   * The tensor of that name.
   *
   * @throws io.cria.task.CriaException (bad input) naming the file when there is none
   */
  StoredTensor tensor(String name);

  default boolean has(String name) {
    return names().contains(name);
  }
}
