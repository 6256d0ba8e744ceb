package io.cria.sft.train;

import io.cria.sft.model.ModelWeights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * The trained parameters in the groups whose gradients the backward pass completes together, in its
 * order: the head with the final norm, each layer from the last to the first, the embedding. A head
 * that is the embedding is complete with the embedding. A group may be empty.
 */
final class ParameterGroups {
  /** Of the head and the final norm. */
  static final int HEAD = 0;

  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\..*");

  private final Map<String, Tensor> parameters;
  private final List<Group> groups;

  /**
   * @param name of the group, fit for a file's
   * @param parameters by name, in the order of all parameters
   */
  record Group(String name, Map<String, Tensor> parameters) {}

  private ParameterGroups(Map<String, Tensor> parameters, List<Group> groups) {
    this.parameters = parameters;
    this.groups = groups;
  }

  /**
   * @param parameters by their names in the model
   * @param layers of the model
   */
  static ParameterGroups of(Map<String, Tensor> parameters, int layers) {
    List<Group> groups = new ArrayList<>();
    groups.add(new Group("head", new LinkedHashMap<>()));
    for (int layer = layers - 1; layer >= 0; layer--) {
      String name = String.format(Locale.ROOT, "layer-%05d", layer);
      groups.add(new Group(name, new LinkedHashMap<>()));
    }
    groups.add(new Group("embedding", new LinkedHashMap<>()));
    parameters.forEach(
        (name, tensor) -> groups.get(indexOf(name, layers)).parameters().put(name, tensor));
    return new ParameterGroups(
        Collections.unmodifiableMap(new LinkedHashMap<>(parameters)), List.copyOf(groups));
  }

  private static int indexOf(String name, int layers) {
    Matcher layer = LAYER.matcher(name);
    if (layer.matches()) {
      return ofLayer(Integer.parseInt(layer.group(1)), layers);
    }
    return name.equals(ModelWeights.EMBEDDING) ? ofEmbedding(layers) : HEAD;
  }

  /** Index of the group of a layer, counted from 0 at the input. */
  static int ofLayer(int layer, int layers) {
    return layers - layer;
  }

  /** Index of the embedding's group, the last. */
  static int ofEmbedding(int layers) {
    return layers + 1;
  }

  /** The groups by index. */
  List<Group> groups() {
    return groups;
  }

  /** All parameters by name, in the model's order. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  Tensor parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }
}
