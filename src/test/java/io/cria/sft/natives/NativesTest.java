package io.cria.sft.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.weights.Safetensors;
import io.cria.weights.SafetensorsWriter;
import io.cria.weights.TensorType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativesTest {
  @Test
  void theBindingsAndTheLibraryAreOfOneVersion() {
    assertThatCode(Natives::load).doesNotThrowAnyException();
    assertThat(Natives.torchVersion())
        .isEqualTo(Natives.bindingsVersion())
        .matches("\\d+\\.\\d+\\.\\d+");
  }

  @Test
  void withoutAnyEnvironmentEachThreadComputesAloneAndMemoryIsNotLimited() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Bare.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder
        .environment()
        .keySet()
        .removeAll(List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "JAVA_TOOL_OPTIONS"));
    Process process = builder.start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(told).isZero();
    assertThat(told).isEqualTo("1 1 1 0");
  }

  /**
   * Prints libtorch's threads as the main thread and another one see them, those of OpenBLAS, and
   * the limit on memory.
   */
  static final class Bare {
    private Bare() {}

    public static void main(String[] args) throws InterruptedException {
      Natives.load();
      System.out.print(threads() + " ");
      Thread other = new Thread(() -> System.out.print(threads() + " "));
      other.start();
      other.join();
      System.out.print(openblas_nolapack.blas_get_num_threads() + " ");
      System.out.print(Pointer.maxPhysicalBytes());
    }

    private static int threads() {
      Scoped.run(() -> torch.randn(4, 4).mm(torch.randn(4, 4)));
      return torch.get_num_threads();
    }
  }

  @Test
  void anotherVersionOfTheLibraryIsRefused() {
    String report = "PyTorch built with:\n - Build settings: X=1, TORCH_VERSION=2.13.0, USE_CUDA=0";
    assertThat(Natives.nativeVersion(report)).isEqualTo("2.13.0");
    assertThatThrownBy(() -> Natives.requireSameVersion("2.10.0", "2.13.0"))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "the Java bindings are for libtorch 2.10.0 and the native library is 2.13.0: give both the same version (jars"
                + " org.bytedeco:pytorch, or -Djava.library.path)");
    assertThat(Natives.nativeVersion("no word of it")).isEmpty();
    assertThatThrownBy(() -> Natives.requireSameVersion("2.10.0", ""))
        .hasMessageContaining("is of unknown version");
  }

  @Test
  void aMissingLibraryIsToldWithThePlatformAndTheRemedy() {
    assertThat(
            Natives.explainMissing(
                new UnsatisfiedLinkError("no jnitorch in java.library.path\nmore")))
        .startsWith("libtorch cannot be loaded on ")
        .contains("(no jnitorch in java.library.path): put the ")
        .endsWith("jars of org.bytedeco:pytorch, openblas and javacpp on the class path");
    assertThat(Natives.explainMissing(new UnsatisfiedLinkError("version `GLIBC_2.38' not found")))
        .contains("use a system with glibc 2.28 or later");
  }

  @Test
  void exhaustedMemoryNamesWhatToLower() {
    Natives.load();
    assertThatThrownBy(
            () -> {
              try {
                Scoped.run(() -> torch.empty(1L << 50));
              } catch (RuntimeException e) {
                throw NativeErrors.explain(e, "microBatchTokens");
              }
            })
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("out of memory in libtorch (")
        .hasMessageEndingWith("): lower microBatchTokens")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.FAULT);
    RuntimeException other = new IllegalStateException("shapes differ");
    assertThat(NativeErrors.explain(other, "x")).isSameAs(other);
    assertThat(
            NativeErrors.explain(new OutOfMemoryError("Physical memory usage is too high"), "rows"))
        .hasMessageEndingWith("lower rows");
  }

  @Test
  void theProcessorsFlagsAreReadAsWholeWords() {
    assertThat(CpuFeatures.hasBfloat16("processor\t: 0\nflags\t\t: fpu avx512_bf16 avx512f\n"))
        .isTrue();
    assertThat(CpuFeatures.hasBfloat16("flags\t\t: fpu amx_tile amx_bf16\n")).isTrue();
    assertThat(CpuFeatures.hasBfloat16("flags\t\t: fpu avx512_bf16x avx512f\n")).isFalse();
    assertThat(CpuFeatures.hasBfloat16("Features\t: fp asimd bf16\n")).isFalse();
  }

  @Test
  void valuesGoToTensorsAndFilesAndBackUnchanged(@TempDir Path directory) {
    Natives.load();
    float[] values = {1.5f, -0f, Float.MIN_VALUE, 3.1415927f, 65504f, -1e-8f};
    Path file = directory.resolve("t.safetensors");
    Scoped.run(
        () -> {
          Tensor tensor = Tensors.floats(values, 2, 3);
          assertThat(tensor.shape()).containsExactly(2, 3);
          SafetensorsWriter.write(
              file,
              List.of(
                  Tensors.content("full", tensor, TensorType.F32),
                  Tensors.content("turned", tensor.t(), TensorType.F32),
                  Tensors.content("brain", tensor, TensorType.BF16),
                  Tensors.content("half", tensor, TensorType.F16)));
        });
    Safetensors read = Safetensors.open(file);
    assertThat(read.tensor("full").floats()).isEqualTo(values);
    Scoped.run(
        () -> {
          assertThat(Tensors.toFloats(Tensors.of(read.tensor("full")))).isEqualTo(values);
          assertThat(Tensors.toFloats(Tensors.of(read.tensor("turned")).t())).isEqualTo(values);
          assertThat(Tensors.toFloats(Tensors.of(read.tensor("brain")))[3]).isEqualTo(3.140625f);
          assertThat(Tensors.toFloats(Tensors.of(read.tensor("half")))[4]).isEqualTo(65504f);
          assertThat(Tensors.toLongs(Tensors.longs(new long[] {7, -1}, 2))).containsExactly(7, -1);
          assertThat(Tensors.toBytes(Tensors.bytes(new byte[] {1, -2}))).containsExactly(1, -2);
        });
  }
}
