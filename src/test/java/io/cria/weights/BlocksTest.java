package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against gguf-py and ggml's C code, exactly. */
final class BlocksTest {
  private final Safetensors golden = Safetensors.open(Golden.file("dequant/golden.safetensors"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Q8_0",
        "Q4_0",
        "Q4_1",
        "Q5_0",
        "Q5_1",
        "BF16",
        "Q2_K",
        "Q3_K",
        "Q4_K",
        "Q5_K",
        "Q6_K",
        "Q2_K_random",
        "Q3_K_random",
        "Q4_K_random",
        "Q5_K_random",
        "Q6_K_random"
      })
  void blocksAreDequantisedToTheBit(String name) {
    TensorType type = TensorType.valueOf(name.replace("_random", ""));
    float[] expected = golden.tensor(name + ".values").floats();
    ByteBuffer raw = golden.tensor(name + ".raw").chunks().get(0);
    float[] values = new float[expected.length + 5];
    Blocks.decode(type, raw, values, 5, expected.length);
    assertThat(bits(Arrays.copyOfRange(values, 5, values.length))).containsExactly(bits(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "BF16"})
  void valuesAreQuantisedToTheSameBytes(String name) {
    ByteBuffer encoded = Blocks.encode(TensorType.valueOf(name), golden.tensor("source").floats());
    assertThat(encoded).isEqualTo(golden.tensor(name + ".raw").chunks().get(0));
  }

  @Test
  void aTypeThatIsOnlyReadCannotBeWritten() {
    assertThatThrownBy(() -> Blocks.encode(TensorType.Q6_K, new float[256]))
        .hasMessage("values cannot be written as Q6_K");
    assertThatThrownBy(() -> Blocks.encode(TensorType.Q8_0, new float[31]))
        .hasMessage("31 values are no whole blocks of Q8_0");
  }

  @Test
  void aPartOfAQuantisedTensorIsReadByWholeBlocks() {
    ByteBuffer raw = golden.tensor("Q8_0.raw").chunks().get(0);
    StoredTensor tensor =
        new StoredTensor(
            "w",
            TensorType.Q8_0,
            new long[] {4, 256},
            java.util.List.of(raw.slice(0, 34 * 7), raw.slice(34 * 7, raw.capacity() - 34 * 7)));
    float[] part = new float[256];
    tensor.floats(128, part, 0, 256);
    float[] all = golden.tensor("Q8_0.values").floats();
    assertThat(part).containsExactly(Arrays.copyOfRange(all, 128, 384));
    assertThat(tensor.floats()).containsExactly(all);
    assertThatThrownBy(() -> tensor.floats(1, part, 0, 32))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int[] bits(float[] values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.BIG_ENDIAN);
    buffer.asFloatBuffer().put(values);
    int[] bits = new int[values.length];
    buffer.asIntBuffer().get(bits);
    return bits;
  }
}
