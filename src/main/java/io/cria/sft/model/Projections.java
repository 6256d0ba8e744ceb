package io.cria.sft.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Linear layers over one input: each a matrix of its own or, as some models have them, all the rows
 * of one matrix, whose output is cut. An adapter of such a matrix spans all of them, as PEFT's
 * does.
 *
 * @param names as in the weights' names, one for each of {@code linears}
 * @param linears one for each of {@code sizes}, or a single one
 * @param sizes how many values each output has
 */
public record Projections(List<String> names, List<Linear> linears, List<Long> sizes) {
  public Projections {
    names = List.copyOf(names);
    linears = List.copyOf(linears);
    sizes = List.copyOf(sizes);
    if (names.size() != linears.size()
        || (!isJoint(linears, sizes) && linears.size() != sizes.size())) {
      throw new IllegalArgumentException(
          names.size() + " names, " + linears.size() + " layers and " + sizes.size() + " outputs");
    }
  }

  private static boolean isJoint(List<Linear> linears, List<Long> sizes) {
    return linears.size() == 1 && sizes.size() > 1;
  }

  /** (…, in) to one (…, size) for each output. */
  Tensor[] apply(Tensor x, boolean training) {
    Tensor[] outputs = new Tensor[sizes.size()];
    if (isJoint(linears, sizes)) {
      TensorVector parts =
          linears
              .get(0)
              .apply(x, training)
              .split_with_sizes(sizes.stream().mapToLong(Long::longValue).toArray(), -1);
      Arrays.setAll(outputs, parts::get);
    } else {
      Arrays.setAll(outputs, i -> linears.get(i).apply(x, training));
    }
    return outputs;
  }

  /** The same with each layer replaced by what {@code change} gives for (name, layer). */
  Projections map(BiFunction<String, Linear, Linear> change) {
    List<Linear> changed = new ArrayList<>();
    for (int i = 0; i < linears.size(); i++) {
      changed.add(change.apply(names.get(i), linears.get(i)));
    }
    return new Projections(names, changed, sizes);
  }
}
