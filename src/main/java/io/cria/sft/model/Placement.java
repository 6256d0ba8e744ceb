package io.cria.sft.model;

import io.cria.sft.natives.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where loaded weights live and in which type. Norms and biases are float32 in any case.
 *
 * @param matrices type of the linear layers, a head of its own among them
 * @param embedding type of the embedding
 */
public record Placement(Device device, ScalarType matrices, ScalarType embedding) {
  /** All float32, on the processor. */
  public static final Placement PLAIN = plain(Device.CPU);

  /** All float32. */
  public static Placement plain(Device device) {
    return new Placement(device, ScalarType.Float, ScalarType.Float);
  }

  ScalarType type(String name, int dimensions) {
    if (dimensions < 2) {
      return ScalarType.Float;
    }
    return name.equals(ModelWeights.EMBEDDING) ? embedding : matrices;
  }
}
