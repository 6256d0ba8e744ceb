package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.sft.Golden;
import io.cria.sft.natives.Device;
import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KernelTrialTest {
  private static final List<PackedKernel> ALL =
      List.of(PackedKernel.FLASH, PackedKernel.EFFICIENT, PackedKernel.SEGMENTS);

  @Test
  void theFirstKernelWithoutFaultIsTakenAndTheFaultsBeforeItAreTold() {
    assertThat(KernelTrial.choose(ALL, kernel -> ""))
        .isEqualTo(new KernelTrial.Choice(PackedKernel.FLASH, "flash attention"));
    assertThat(
            KernelTrial.choose(
                ALL, kernel -> kernel == PackedKernel.FLASH ? "no kernel image" : ""))
        .isEqualTo(
            new KernelTrial.Choice(
                PackedKernel.EFFICIENT,
                "memory-efficient attention (flash attention: no kernel image)"));
    assertThat(KernelTrial.choose(ALL, kernel -> "no").words())
        .isEqualTo("attention by segments (flash attention: no; memory-efficient attention: no)");
  }

  @Test
  void theProcessorAttendsBySegmentsAndFloat32OnAGpuNotByFlash() {
    assertThat(PackedKernel.candidates(Device.CPU, ScalarType.BFloat16))
        .containsExactly(PackedKernel.SEGMENTS);
    ModelConfig config = ModelConfigJson.read(Golden.path("models/gqa_tied"));
    Natives.load();
    assertThat(KernelTrial.choose(config, Device.CPU, ScalarType.Float).words())
        .isEqualTo("attention by segments");
  }

  /** The functions compile; libtorch has no such kernels for processors, and says so. */
  @ParameterizedTest
  @EnumSource(names = {"FLASH", "EFFICIENT"})
  void aKernelThatTheDeviceLacksIsAFaultInLibtorchsWords(PackedKernel kernel) {
    ModelConfig config = ModelConfigJson.read(Golden.path("models/gqa_tied"));
    Natives.load();
    assertThat(KernelTrial.fault(kernel, config, Device.CPU, ScalarType.Float))
        .contains("_attention_forward")
        .contains("CPU");
  }

  @Test
  void aKernelWithItsOutputAndGradientsHasNoFault() {
    ModelConfig config = ModelConfigJson.read(Golden.path("models/mistral_window"));
    Natives.load();
    assertThat(KernelTrial.fault(PackedKernel.SEGMENTS, config, Device.CPU, ScalarType.BFloat16))
        .isEmpty();
  }

  /** What a block-diagonal mask says, with and without a sliding window. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void attentionBySegmentsIsThatUnderTheMaskOfTheSegments(int window) {
    Natives.load();
    int[] lengths = {4, 1, 7};
    int tokens = 12;
    Scoped.run(
        () -> {
          Tensor query = torch.randn(1, tokens, 4, 8).requires_grad_(true);
          Tensor key = torch.randn(1, tokens, 2, 8).requires_grad_(true);
          Tensor value = torch.randn(1, tokens, 2, 8).requires_grad_(true);
          Attention segments =
              PackedKernel.SEGMENTS.over(lengths, window == 0 ? null : window, Device.CPU);
          float[][] bySegments = through(segments, query, key, value);
          float[][] byMask =
              through(new MaskedAttention(mask(lengths, tokens, window)), query, key, value);
          for (int i = 0; i < bySegments.length; i++) {
            assertThat(bySegments[i]).containsExactly(byMask[i], within(2e-6f));
          }
        });
  }

  private static Tensor mask(int[] lengths, int tokens, int window) {
    float[] allowed = new float[tokens * tokens];
    int start = 0;
    for (int length : lengths) {
      for (int row = 0; row < length; row++) {
        for (int column = 0; column <= row; column++) {
          boolean near = window == 0 || row - column < window;
          allowed[(start + row) * tokens + start + column] = near ? 1 : 0;
        }
      }
      start += length;
    }
    return Tensors.floats(allowed, 1, 1, tokens, tokens).to(ScalarType.Bool);
  }

  /** Output and gradients of query, key and value. */
  private static float[][] through(Attention attention, Tensor query, Tensor key, Tensor value) {
    Tensor out = attention.attend(0, query, key, value);
    out.backward(out.detach(), new BoolOptional(), false, new TensorArrayRefOptional());
    float[][] results = {
      Tensors.toFloats(out),
      Tensors.toFloats(query.grad()),
      Tensors.toFloats(key.grad()),
      Tensors.toFloats(value.grad())
    };
    for (Tensor leaf : List.of(query, key, value)) {
      leaf.mutable_grad().reset();
    }
    return results;
  }
}
