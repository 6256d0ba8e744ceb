package io.cria.sft.natives;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a model's tensors live and are computed on: the processor, or one GPU of it. What comes
 * from Java arrays and files is made on the processor and {@link #put} where it is used. Work on a
 * GPU is only begun by the calls here; it is waited for where values are read ({@link Tensors}).
 */
public final class Device {
  /** The processor, which is always there. */
  public static final Device CPU = new Device(-1);

  private final int index; // of the GPU; -1 for the processor

  private Device(int index) {
    this.index = index;
  }

  /** The GPU of that number. */
  static Device cuda(int index) {
    return new Device(index);
  }

  /**
   * A device and why it is that one.
   *
   * @param reason for the run's first line
   */
  public record Choice(Device device, String reason) {}

  /**
   * The device that a setting means: {@code cpu}, {@code cuda}, {@code cuda:N}, or {@code auto}, a
   * GPU where the CUDA build of libtorch and a GPU are there. Products of float32 numbers are
   * computed in float32 on it (no TF32).
   *
   * @throws io.cria.task.CriaException when a GPU is asked for and there is none, or the libraries
   *     it needs are missing
   */
  public static Choice choose(String setting) {
    Natives.load();
    Choice choice = DeviceChoice.of(setting, new CudaGpus());
    if (choice.device().isCuda()) {
      torch.globalContext().setAllowTF32CuBLAS(false);
      torch.globalContext().setAllowTF32CuDNN(false);
    }
    return choice;
  }

  /** Where the tensor is. */
  public static Device of(Tensor tensor) {
    return Scoped.call(
        () -> {
          org.bytedeco.pytorch.Device device = tensor.device();
          return device.is_cuda() ? cuda(device.index()) : CPU;
        });
  }

  public boolean isCuda() {
    return index >= 0;
  }

  /** The device as libtorch names it. */
  public org.bytedeco.pytorch.Device torch() {
    return isCuda()
        ? new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) index)
        : new org.bytedeco.pytorch.Device(DeviceType.CPU);
  }

  /** What makes a tensor of that type here. */
  public TensorOptions options(ScalarType type) {
    TensorOptions options = new TensorOptions(type);
    return isCuda() ? options.device(new org.bytedeco.pytorch.DeviceOptional(torch())) : options;
  }

  /** The tensor here: itself where it is here already, else a copy. */
  public Tensor put(Tensor tensor) {
    return isCuda() ? put(tensor, tensor.scalar_type()) : tensor.cpu();
  }

  /** The tensor here and in that type. */
  public Tensor put(Tensor tensor, ScalarType type) {
    return isCuda()
        ? tensor.to(torch(), type, true, false, new MemoryFormatOptional())
        : tensor.cpu().to(type);
  }

  /**
   * An int64 tensor here with a copy of the values. A GPU fetches them while the caller goes on.
   */
  public Tensor longs(long[] values, long... shape) {
    Tensor made = Tensors.longs(values, shape);
    return isCuda() ? put(made.pin_memory()) : made;
  }

  /** An int32 tensor here with a copy of the values, as {@link #longs}. */
  public Tensor ints(long[] values, long... shape) {
    Tensor made = Tensors.longs(values, shape).to(ScalarType.Int);
    return isCuda() ? put(made.pin_memory()) : made;
  }

  /** Begins the sequence of random numbers that dropout draws here anew. */
  public void seed(long seed) {
    torch.manual_seed(seed);
  }

  /** The state of the generator that dropout draws from, an unsigned 8-bit tensor on the CPU. */
  public Tensor randomState() {
    return generator().get_state();
  }

  /** Goes on drawing from a state that {@link #randomState} gave. */
  public void setRandomState(Tensor state) {
    generator().set_state(state);
  }

  /** The result of work that draws from {@code seed} on; afterwards draws go on as before. */
  public <T> T drawingFrom(long seed, Supplier<T> work) {
    return Scoped.call(
        () -> {
          Generator generator = generator();
          Tensor before = generator.get_state();
          generator.set_current_seed(seed);
          try {
            return work.get();
          } finally {
            generator.set_state(before);
          }
        });
  }

  private Generator generator() {
    return isCuda()
        ? torch.globalContext().defaultGenerator(torch())
        : torch.getDefaultCPUGenerator();
  }

  /** Waits until all work on a GPU is done. */
  public void await() {
    if (isCuda()) {
      torch.synchronizeDevice((byte) index);
    }
  }

  /** Bytes that are free: of a GPU's memory, or by the system's own estimate; 0 where unknown. */
  public long freeBytes() {
    return isCuda() ? memory(SizeTPair::first) : CpuFeatures.memoryBytes("MemAvailable");
  }

  /** Bytes of memory in all; 0 where unknown. */
  public long totalBytes() {
    return isCuda() ? memory(SizeTPair::second) : CpuFeatures.memoryBytes("MemTotal");
  }

  private long memory(java.util.function.ToLongFunction<SizeTPair> part) {
    return Scoped.call(() -> part.applyAsLong(torch.getMemoryInfo((byte) index)));
  }

  /** The most bytes that tensors took at once on a GPU since {@link #resetPeak}; 0 elsewhere. */
  public long peakBytes() {
    return isCuda()
        ? Scoped.call(() -> torch.getDeviceStats((byte) index).allocated_bytes().peak())
        : 0;
  }

  public void resetPeak() {
    if (isCuda()) {
      torch.resetPeakStats((byte) index);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Device device && device.index == index;
  }

  @Override
  public int hashCode() {
    return index;
  }

  @Override
  public String toString() {
    return isCuda() ? "cuda:" + index : "cpu";
  }
}
