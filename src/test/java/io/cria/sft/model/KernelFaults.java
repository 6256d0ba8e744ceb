package io.cria.sft.model;

import io.cria.sft.natives.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The trial of a kernel, for programs of other packages. */
public final class KernelFaults {
  private KernelFaults() {}

  /** What is wrong with a kernel for heads of that shape; empty where it can be used. */
  public static String of(PackedKernel kernel, ModelConfig shape, Device device, ScalarType type) {
    return KernelTrial.fault(kernel, shape, device, type);
  }
}
