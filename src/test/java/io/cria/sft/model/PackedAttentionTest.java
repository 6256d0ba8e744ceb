package io.cria.sft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class PackedAttentionTest {
  private static final PackedAttention ATTENTION = new PackedAttention(new int[] {4, 5}, null);

  private static Tensor heads(long count) {
    Tensor random = torch.randn(1, 9, count, 8).to(ScalarType.BFloat16);
    return random.requires_grad_(true);
  }

  /** A leaf with the same values in float32. */
  private static Tensor wide(Tensor heads) {
    return heads.detach().to(ScalarType.Float).requires_grad_(true);
  }

  private static Tensor attend(Tensor query, Tensor key, Tensor value) {
    Tensor out = ATTENTION.attend(0, query, key, value); // (1,9,32)
    out.backward(torch.ones_like(out), new BoolOptional(), false, new TensorArrayRefOptional());
    return out;
  }

  @Test
  void bfloat16InputsAreAttendedInFloat32AndRoundedOnceAtTheEnd() {
    Natives.load();
    Scoped.run(
        () -> {
          Tensor query = heads(4);
          Tensor key = heads(2);
          Tensor value = heads(2);
          Tensor wideQuery = wide(query);
          Tensor wideKey = wide(key);
          Tensor wideValue = wide(value);

          Tensor out = attend(query, key, value);
          Tensor wideOut = attend(wideQuery, wideKey, wideValue);

          assertRounded(out, wideOut);
          assertRounded(query.grad(), wideQuery.grad());
          assertRounded(key.grad(), wideKey.grad());
          assertRounded(value.grad(), wideValue.grad());
        });
  }

  private static void assertRounded(Tensor narrow, Tensor wide) {
    assertThat(narrow.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
    assertThat(wide.scalar_type().intern()).isEqualTo(ScalarType.Float);
    assertThat(Tensors.toFloats(narrow))
        .isEqualTo(Tensors.toFloats(wide.to(ScalarType.BFloat16)))
        .isNotEqualTo(Tensors.toFloats(wide));
  }
}
