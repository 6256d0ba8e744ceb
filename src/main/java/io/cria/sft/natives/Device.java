package io.cria.sft.natives;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where a model's tensors live and are computed on. What comes from Java arrays and files is made
 * on the CPU and {@link #put} where it is used.
 */
public final class Device {
  /** The processor, which is always there. */
  public static final Device CPU = new Device();

  private Device() {}

  /** The device as libtorch names it. */
  public org.bytedeco.pytorch.Device torch() {
    return new org.bytedeco.pytorch.Device(DeviceType.CPU);
  }

  /** The tensor here: itself where it is here already, else a copy. */
  public Tensor put(Tensor tensor) {
    return tensor;
  }

  /** An int64 tensor here with a copy of the values. */
  public Tensor longs(long[] values, long... shape) {
    return put(Tensors.longs(values, shape));
  }

  /** Begins the sequence of random numbers that dropout draws here anew. */
  public void seed(long seed) {
    torch.manual_seed(seed);
  }

  /** The state of the generator that dropout draws from, an unsigned 8-bit tensor on the CPU. */
  public Tensor randomState() {
    return torch.getDefaultCPUGenerator().get_state();
  }

  /** Goes on drawing from a state that {@link #randomState} gave. */
  public void setRandomState(Tensor state) {
    torch.getDefaultCPUGenerator().set_state(state);
  }

  @Override
  public String toString() {
    return "cpu";
  }
}
