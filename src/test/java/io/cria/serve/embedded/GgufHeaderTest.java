package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufHeaderTest {
  @TempDir Path folder;

  @Test
  void aWholeFileTellsWhatTheGeneratorNeeds() {
    assertThat(GgufHeader.read(Tiny.GGUF))
        .isEqualTo(
            new GgufHeader(
                "llama",
                256,
                java.util.List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
                false,
                Map.of(
                    "bos_token",
                    "<|endoftext|>",
                    "eos_token",
                    "<|im_end|>",
                    "unk_token",
                    "<|endoftext|>"),
                null));
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Tiny.GGUF);
    Path cut = folder.resolve("cut.gguf");
    for (int length = 24; length < whole.length; length += 997) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> GgufHeader.read(cut))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith("the model file is cut short, " + cut + " (")
          .hasMessageEndingWith("): fetch it again");
    }
    Files.write(cut, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> GgufHeader.read(cut))
        .hasMessageContaining(
            "tensor output.weight ends at byte "
                + whole.length
                + ", the file at "
                + (whole.length - 1));
  }

  @Test
  void anotherKindOfFileIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("model.gguf"), "<html>not found</html>");
    assertThatThrownBy(() -> GgufHeader.read(text))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "not a usable GGUF model, "
                + text
                + " (it does not begin with GGUF): fetch it again or give another");
    Path empty = Files.writeString(folder.resolve("empty.gguf"), "");
    assertThatThrownBy(() -> GgufHeader.read(empty))
        .hasMessageContaining("does not begin with GGUF");
    assertThatThrownBy(() -> GgufHeader.read(folder.resolve("none.gguf")))
        .hasMessageStartingWith("no such model file, ");
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    assertThatThrownBy(() -> GgufHeader.read(patched(4, 9)))
        .hasMessageContaining("version 9, 2 and 3 are known");
  }

  @Test
  void impossibleCountsAreRefusedBeforeAnythingIsAllocated() throws IOException {
    assertThatThrownBy(() -> GgufHeader.read(patched(15, 0x40)))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("tensors");
    assertThatThrownBy(() -> GgufHeader.read(patched(23, 0xff)))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("metadata entries");
  }

  @Test
  void aFileWithoutVocabularyIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(Tiny.GGUF);
    int key = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("tokenizer.ggml.tokens");
    assertThatThrownBy(() -> GgufHeader.read(patched(key, 'T')))
        .hasMessageContaining("it holds no vocabulary");
  }

  @Test
  void aPartOfASplitFileIsNamedWithTheWayToJoinIt() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0x46554747).putInt(3).putLong(0).putLong(2);
    for (String key : List.of("split.no", "split.count")) {
      bytes.putLong(key.length()).put(key.getBytes(StandardCharsets.UTF_8)).putInt(2);
      bytes.putShort((short) (key.equals("split.no") ? 0 : 2));
    }
    Path file = Files.write(folder.resolve("m-00001-of-00002.gguf"), bytes.array());
    assertThatThrownBy(() -> GgufHeader.read(file))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "the model file is part 1 of 2 of a split file, "
                + file
                + ": join them with llama-gguf-split --merge FIRST-PART WHOLE.gguf, and give the"
                + " whole");
  }

  private Path patched(int at, int value) throws IOException {
    byte[] bytes = Files.readAllBytes(Tiny.GGUF);
    bytes[at] = (byte) value;
    return Files.write(folder.resolve("patched.gguf"), bytes);
  }
}
