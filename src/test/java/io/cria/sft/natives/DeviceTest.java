package io.cria.sft.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeviceTest {
  private static final Gpus CPU_BUILD = new Gpus(false, "", 0);
  private static final Gpus ONE = new Gpus(true, "", 1);
  private static final Gpus FOUR = new Gpus(true, "", 4);
  private static final Gpus NO_GPU = new Gpus(true, "", 0);
  private static final Gpus NO_LIBRARIES =
      new Gpus(true, "the CUDA build of libtorch lacks libcudnn.so.9, libnccl.so.2", 0);

  /** GPUs as a test wants them. */
  private record Gpus(boolean inBuild, String loadFault, int count) implements DeviceChoice.Gpus {
    @Override
    public String countFault() {
      return "Found no NVIDIA driver on your system";
    }
  }

  @Test
  void autoTakesTheFirstGpuWhereThereIsOneAndElseSaysWhyNot() {
    assertThat(DeviceChoice.of("auto", FOUR))
        .isEqualTo(new Device.Choice(Device.cuda(0), "a GPU is there"));
    assertThat(DeviceChoice.of("auto", CPU_BUILD))
        .isEqualTo(
            new Device.Choice(Device.CPU, "libtorch on the class path is the build for CPUs"));
    assertThat(DeviceChoice.of("auto", NO_GPU))
        .isEqualTo(
            new Device.Choice(
                Device.CPU, "there is no GPU (Found no NVIDIA driver on your system)"));
    assertThat(DeviceChoice.of("auto", NO_LIBRARIES).reason())
        .isEqualTo("the CUDA build of libtorch lacks libcudnn.so.9, libnccl.so.2");
  }

  @Test
  void aDeviceThatIsNamedIsTakenWithoutAWord() {
    assertThat(DeviceChoice.of("cpu", FOUR).device()).isSameAs(Device.CPU);
    assertThat(DeviceChoice.of("cuda", FOUR).device()).isEqualTo(Device.cuda(0));
    assertThat(DeviceChoice.of("cuda:3", FOUR).device()).hasToString("cuda:3");
  }

  @Test
  void aGpuThatIsAskedForAndNotThereIsOneLineWithTheRemedy() {
    assertRefused(
        "cuda",
        CPU_BUILD,
        "device cuda cannot be used: libtorch on the class path is the build for CPUs; put"
            + " org.bytedeco:pytorch with the classifier linux-x86_64-gpu on it, or set device:"
            + " cpu");
    assertRefused(
        "cuda",
        NO_GPU,
        "device cuda cannot be used: there is no GPU (Found no NVIDIA driver on your system); look"
            + " at nvidia-smi, or set device: cpu");
    assertRefused(
        "cuda:1",
        NO_LIBRARIES,
        "device cuda:1 cannot be used: the CUDA build of libtorch lacks libcudnn.so.9,"
            + " libnccl.so.2; install CUDA 13, cuDNN 9 and NCCL 2 and name their folders in"
            + " LD_LIBRARY_PATH, or set device: cpu");
    assertRefused(
        "cuda:1", ONE, "device cuda:1 cannot be used: there is one GPU, cuda:0; name one of them");
    assertRefused(
        "cuda:4",
        FOUR,
        "device cuda:4 cannot be used: there are 4 GPUs, cuda:0 to cuda:3; name one of them");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", "cuda:-1", "cuda:1000", "CUDA"})
  void anotherWordIsRefused(String setting) {
    assertRefused(setting, FOUR, "device must be cpu, cuda, cuda:N or auto, not '" + setting + "'");
  }

  private static void assertRefused(String setting, Gpus gpus, String message) {
    assertThatThrownBy(() -> DeviceChoice.of(setting, gpus))
        .isInstanceOf(CriaException.class)
        .hasMessage(message)
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void theProcessorIsAlwaysThere() {
    assertThat(Device.choose("cpu").device()).isSameAs(Device.CPU);
    assertThat(Device.CPU.totalBytes()).isGreaterThanOrEqualTo(Device.CPU.freeBytes());
    assertThat(Device.CPU.peakBytes()).isZero();
    Scoped.run(
        () -> {
          Tensor ints = Device.CPU.ints(new long[] {1, -2}, 2);
          assertThat(ints.scalar_type().intern()).isEqualTo(ScalarType.Int);
          assertThat(Tensors.toLongs(ints)).containsExactly(1, -2);
          assertThat(Device.of(ints)).isEqualTo(Device.CPU);
          assertThat(Device.CPU.put(ints, ScalarType.BFloat16).scalar_type().intern())
              .isEqualTo(ScalarType.BFloat16);
        });
  }

  @Test
  void whatIsDrawnFromASeedOfItsOwnLeavesTheSequenceAsItWas() {
    Natives.load();
    Scoped.run(
        () -> {
          Device.CPU.seed(3);
          float[] undisturbed = Tensors.toFloats(torch.rand(4));
          Device.CPU.seed(3);
          float[] first = Device.CPU.drawingFrom(5, () -> Tensors.toFloats(torch.rand(4)));
          assertThat(Tensors.toFloats(torch.rand(4))).isEqualTo(undisturbed);
          assertThat(Device.CPU.drawingFrom(5, () -> Tensors.toFloats(torch.rand(4))))
              .isEqualTo(first)
              .isNotEqualTo(undisturbed);
        });
  }

  @Test
  void scalarsAreReadInTheirOrder() {
    Natives.load();
    Scoped.run(
        () ->
            assertThat(
                    Tensors.toDoubles(
                        java.util.List.of(
                            torch.tensor(1.5), torch.tensor(-0.1), torch.tensor(1e300))))
                .containsExactly(1.5, -0.1, 1e300));
    assertThat(Tensors.toDoubles(java.util.List.of())).isEmpty();
  }

  @Test
  void anErrorOfAnInterpretedFunctionIsToldByItsOwnLine() {
    assertThat(
            NativeErrors.firstLine(
                new RuntimeException(
                    "\nThe following operation failed in the TorchScript interpreter.\nTraceback"
                        + " of TorchScript (most recent call last):\n  x\nRuntimeError: no kernel"
                        + " image\n")))
        .isEqualTo("no kernel image");
    assertThat(NativeErrors.firstLine(new RuntimeException("\nCUDA out of memory. Tried\nat x")))
        .isEqualTo("CUDA out of memory. Tried");
    assertThat(NativeErrors.isOutOfMemory(new RuntimeException("CUBLAS_STATUS_ALLOC_FAILED when")))
        .isTrue();
  }

  @Test
  void theSystemsAccountOfItsMemoryIsReadInBytes() {
    String account = "MemTotal:       24 kB\nMemFree: 1 kB\nMemAvailable:   7 kB\n";
    assertThat(CpuFeatures.memoryBytes(account, "MemAvailable")).isEqualTo(7 * 1024);
    assertThat(CpuFeatures.memoryBytes(account, "Swap")).isZero();
  }
}
