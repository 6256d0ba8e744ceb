package io.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/gqa_tied/model",
        "models/bias/model",
        "models/qwen2_tied/model",
        "lora/qv/adapter/adapter_model"
      })
  void aFileOfTheReferenceIsWrittenBackByteForByte(String name) throws IOException {
    Path original = Fixtures.file("golden/llama/" + name + ".safetensors");
    Safetensors file = Safetensors.open(original);
    List<TensorContent> tensors = new ArrayList<>();
    file.names().forEach(tensor -> tensors.add(TensorContent.of(file.tensor(tensor))));
    Path copy = directory.resolve("copy.safetensors");
    SafetensorsWriter.write(copy, tensors, file.metadata());
    assertThat(copy).hasSameBinaryContentAs(original);
  }

  @Test
  void everyTypeComesBackBitForBit() {
    Path path = directory.resolve("all.safetensors");
    float[] values = {1, -2.5f, 0, 65504, 1e-7f, -0f};
    long[] shape = {2, 3};
    SafetensorsWriter.write(
        path,
        List.of(
            TensorContent.floats("f32", shape, values),
            TensorContent.floats("f16", TensorType.F16, shape, values),
            TensorContent.floats("bf16", TensorType.BF16, shape, values),
            TensorContent.longs("i64", new long[] {2}, new long[] {Long.MIN_VALUE, 7}),
            TensorContent.longs("scalar", new long[0], new long[] {42}),
            TensorContent.floats("empty", new long[] {0, 4}, new float[0]),
            TensorContent.of(
                "i32", TensorType.I32, new long[] {2}, bytes(255, 255, 255, 255, 1, 0, 0, 0)),
            TensorContent.of("u8", TensorType.U8, new long[] {3}, bytes(0, 128, 255)),
            TensorContent.of(
                "f64", TensorType.F64, new long[] {1}, bytes(0, 0, 0, 0, 0, 0, 0xF8, 0x3F))));
    Safetensors file = Safetensors.open(path);
    assertThat(file.metadata()).isEqualTo(Map.of("format", "pt"));
    assertThat(file.tensor("f32").floats()).containsExactly(values);
    assertThat(file.tensor("f32").shape()).containsExactly(2, 3);
    assertThat(file.tensor("f16").floats()).containsExactly(1, -2.5f, 0, 65504, 0x2p-24f, -0f);
    assertThat(file.tensor("bf16").floats()[1]).isEqualTo(-2.5f);
    assertThat(file.tensor("i64").longs()).containsExactly(Long.MIN_VALUE, 7);
    assertThat(file.tensor("scalar").shape()).isEmpty();
    assertThat(file.tensor("scalar").longs()).containsExactly(42);
    assertThat(file.tensor("empty").floats()).isEmpty();
    assertThat(file.tensor("i32").longs()).containsExactly(-1, 1);
    assertThat(file.tensor("u8").longs()).containsExactly(0, 128, 255);
    assertThat(file.tensor("f64").floats()).containsExactly(1.5f);
    float[] part = new float[4];
    file.tensor("f32").floats(1, part, 1, 3);
    assertThat(part).containsExactly(0, -2.5f, 0, 65504);
  }

  @Test
  void aTensorLargerThanAMappingIsReadWhole() {
    float[] values = new float[5000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path path = directory.resolve("windows.safetensors");
    SafetensorsWriter.write(path, List.of(TensorContent.floats("w", new long[] {5000}, values)));
    Safetensors file = Safetensors.read(MappedFile.open(path, 999));
    assertThat(file.tensor("w").chunks())
        .hasSizeGreaterThan(2)
        .allMatch(chunk -> chunk.remaining() % 4 == 0);
    assertThat(file.tensor("w").floats()).containsExactly(values);
    float[] part = new float[3000];
    file.tensor("w").floats(1500, part, 0, 3000);
    assertThat(part[0]).isEqualTo(1500);
    assertThat(part[2999]).isEqualTo(4499);
  }

  @Test
  void halfPrecisionKeepsEveryValueAndRoundsToEven() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float value = Half.fromF16((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Half.toF16(value)).isEqualTo((short) bits);
      }
      float brain = Half.fromBf16((short) bits);
      if (!Float.isNaN(brain)) {
        assertThat(Half.toBf16(brain)).isEqualTo((short) bits);
      }
    }
    assertThat(Half.toF16(1 + 0x1p-11f)).isEqualTo(Half.toF16(1));
    assertThat(Half.toF16(1 + 0x3p-11f)).isEqualTo(Half.toF16(1 + 0x2p-10f));
    assertThat(Half.toF16(65519.99f)).isEqualTo(Half.toF16(65504));
    assertThat(Half.toF16(65520)).isEqualTo((short) 0x7C00);
    assertThat(Half.fromF16(Half.toF16(Float.NaN))).isNaN();
    assertThat(Half.fromBf16(Half.toBf16(Float.NaN))).isNaN();
    assertThat(Half.toBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 4 | is truncated:"
            + " tensor a ends at byte 8 of its data, which have 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 9 | is inconsistent: 1"
            + " bytes follow the last tensor, a",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | 8 | tensor a needs 12"
            + " bytes by its shape and has 8",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}"
            + " | 7 | tensor b overlaps a",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[5,7]}}"
            + " | 7 | tensor b leaves a gap after a",
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]}} | 2 | tensor a of"
            + " type 'F8_E4M3', which is not supported",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | 4 | tensor a has no"
            + " valid shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,4]}} | 4"
            + " | tensor a is impossibly large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}} | 4 | tensor a has no valid data_offsets",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
            + " | 1 | its header is no JSON (Duplicate",
        "[1,2] | 0 | its header is no JSON object",
        "{\"a\": | 0 | its header is no JSON",
      })
  void anInconsistentHeaderIsRefusedWithFileAndTensor(String header, int dataBytes, String message)
      throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    Path path = directory.resolve("bad.safetensors");
    Files.write(path, file.array());
    assertThatThrownBy(() -> Safetensors.open(path))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void everyTruncationOfAFileIsRefused() throws IOException {
    Path path = directory.resolve("whole.safetensors");
    SafetensorsWriter.write(
        path, List.of(TensorContent.floats("w", new long[] {3}, new float[] {1, 2, 3})));
    byte[] whole = Files.readAllBytes(path);
    Path cut = directory.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.open(cut))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("cut.safetensors");
    }
  }

  @Test
  void aForeignFileIsNamedForWhatItIs() throws IOException {
    Path path = directory.resolve("x.safetensors");
    Files.write(path, "GGUF and so on, a long header".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Safetensors.open(path))
        .hasMessageContaining("begins like a GGUF file");
    Files.write(path, "PK\3\4 and so on, a long header".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Safetensors.open(path)).hasMessageContaining("a pickled PyTorch file");
    assertThatThrownBy(() -> Safetensors.open(directory.resolve("none")))
        .hasMessageContaining("no weights file at");
    assertThatThrownBy(() -> Safetensors.open(directory)).hasMessageContaining("is a directory");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = directory.resolve("model.safetensors");
    SafetensorsWriter.write(
        path, List.of(TensorContent.floats("w", new long[] {1}, new float[] {1})));
    byte[] before = Files.readAllBytes(path);
    TensorContent wrong = TensorContent.of("w", TensorType.F32, new long[] {2}, bytes(0, 0, 0, 0));
    assertThatThrownBy(() -> SafetensorsWriter.write(path, List.of(wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor w gave 4 bytes, its shape needs 8");
    assertThat(path).hasBinaryContent(before);
    assertThat(directory).isDirectoryNotContaining("glob:**.partial");
    assertThatThrownBy(
            () -> SafetensorsWriter.write(directory.resolve("none/m.safetensors"), List.of()))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("cannot write");
  }

  @Test
  void aModelIsSplitIntoShardsWithAnIndexAndReadAsOne() throws IOException {
    List<TensorContent> tensors = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tensors.add(TensorContent.floats("t" + i, new long[] {2}, new float[] {i, -i}));
    }
    WeightsDirectory.write(directory, tensors, 1 << 20);
    assertThat(directory.resolve("model.safetensors")).exists();
    WeightsDirectory.write(directory, tensors, 16);
    assertThat(directory.resolve("model.safetensors")).doesNotExist();
    assertThat(directory.resolve("model-00003-of-00003.safetensors")).exists();
    WeightsDirectory weights = WeightsDirectory.open(directory);
    assertThat(weights.names()).containsExactlyInAnyOrder("t0", "t1", "t2", "t3", "t4");
    assertThat(weights.tensor("t3").floats()).containsExactly(3, -3);
    assertThatThrownBy(() -> weights.tensor("t9")).hasMessageContaining("has no tensor t9");

    String index = Files.readString(directory.resolve("model.safetensors.index.json"));
    assertThat(index).contains("\"total_size\" : 40");
    Files.writeString(
        directory.resolve("model.safetensors.index.json"), index.replace("\"t0\"", "\"u0\""));
    assertThatThrownBy(() -> WeightsDirectory.open(directory))
        .hasMessageContaining("which lacks it");
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        index.replace("model-00001-of-00003", "../evil"));
    assertThatThrownBy(() -> WeightsDirectory.open(directory))
        .hasMessageContaining("outside its directory");
    Files.writeString(directory.resolve("model.safetensors.index.json"), index);
    Files.delete(directory.resolve("model-00002-of-00003.safetensors"));
    assertThatThrownBy(() -> WeightsDirectory.open(directory))
        .hasMessageContaining("model-00002-of-00003");
  }

  @Test
  void aWholeFileIsReadBeforeAnIndexBesideItAndThatIsSaid() throws IOException {
    List<TensorContent> first =
        List.of(
            TensorContent.floats("a", new long[] {1}, new float[] {1}),
            TensorContent.floats("b", new long[] {1}, new float[] {2}));
    WeightsDirectory.write(directory, first, 4);
    assertThat(WeightsDirectory.doubt(directory)).isEmpty();
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"),
        List.of(TensorContent.floats("a", new long[] {1}, new float[] {9})));
    String doubt =
        directory
            + " has model.safetensors and model.safetensors.index.json, which names other files:"
            + " the first is read, as transformers does; remove the one that is not the model's";
    assertThat(WeightsDirectory.doubt(directory)).contains(doubt);
    WeightsDirectory read = WeightsDirectory.open(directory);
    assertThat(read.tensor("a").floats()).containsExactly(9);
    assertThatThrownBy(() -> read.tensor("b"))
        .isInstanceOf(CriaException.class)
        .hasMessage(directory + " has no tensor b (" + doubt + ")");
    Path index = directory.resolve("model.safetensors.index.json");
    Files.writeString(index, "{}");
    assertThat(WeightsDirectory.doubt(directory)).contains(doubt);
    Files.writeString(index, "{\"weight_map\": {\"a\": \"model.safetensors\"}}");
    assertThat(WeightsDirectory.doubt(directory)).isEmpty();
    WeightsDirectory.write(directory, first, 4);
    assertThat(WeightsDirectory.open(directory).tensor("a").floats()).containsExactly(1);
  }

  @Test
  void aDirectoryWithoutWeightsSaysWhatIsWanted() {
    assertThatThrownBy(() -> WeightsDirectory.open(directory))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("neither model.safetensors nor model.safetensors.index.json");
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.rewind();
  }
}
