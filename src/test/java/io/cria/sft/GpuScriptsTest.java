package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts/gpu-bundle and scripts/gpu-check do without a GPU and without the natives. */
final class GpuScriptsTest {
  private static final int HEADER = 64;

  @TempDir Path folder;

  private record Told(int code, String text) {}

  private Told run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CRIA_GPU_DIR", folder.resolve("place").toString());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Told(process.waitFor(), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scripts/gpu-bundle", "scripts/gpu-check"})
  void helpTellsOptionsAndPlaces(String script) throws Exception {
    Told told = run(script, "--help");
    assertThat(told.code()).isZero();
    assertThat(told.text()).contains(script + " ").contains("CUDA").doesNotContain("set -euo");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "scripts/gpu-bundle --fast # unknown option --fast",
        "scripts/gpu-bundle --output # --output needs a value",
        "scripts/gpu-bundle --architecture sm_90 # must be a number such as 90, not 'sm_90'",
        "scripts/gpu-check # unknown command ''",
        "scripts/gpu-check put # put needs the folder of the pieces",
        "scripts/gpu-check put /dev/null # no pieces of a bundle in /dev/null",
        "scripts/gpu-check run --cases # --cases needs a value",
        "scripts/gpu-check run --fast # unknown option --fast",
        "scripts/gpu-check run # give its pieces with scripts/gpu-check put",
      })
  void aWrongCallIsOneLineWithTheRemedy(String command, String message) throws Exception {
    Told told = run(command.split(" ", -1));
    assertThat(told.code()).as(told.text()).isEqualTo(2);
    assertThat(told.text()).startsWith("cria: ").contains(message).hasLineCount(1);
  }

  @Test
  void aMissingOrBrokenPieceIsNamedBeforeAnythingRuns() throws Exception {
    Path pieces = Files.createDirectory(folder.resolve("pieces"));
    Files.writeString(pieces.resolve("cria-gpu.tar.xz.00"), "half of");
    Files.writeString(
        pieces.resolve("SHA256SUMS"),
        "0".repeat(64) + "  cria-gpu.tar.xz.00\n" + "1".repeat(64) + "  cria-gpu.tar.xz.01\n");
    assertThat(run("scripts/gpu-check", "put", pieces.toString()).code()).isZero();
    Told told = run("scripts/gpu-check", "run");
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.text())
        .contains("cria-gpu.tar.xz.00: FAILED")
        .contains("cria-gpu.tar.xz.01")
        .contains("pieces are missing in ");
  }

  @Test
  void codeForOtherChipsIsBlankedAndNothingElse() throws Exception {
    byte[] fat = fatBinary(80, 90, 120);
    Path library = Files.write(folder.resolve("lib.so"), elf(fat));
    Told told = run("python3", "scripts/lib/gpu_prune.py", library.toString(), "90");
    assertThat(told.text())
        .contains("sm_80: 0 MiB blanked", "sm_90: 0 MiB kept", "sm_120: 0 MiB blanked");
    byte[] pruned = Files.readAllBytes(library);
    byte[] expected = elf(fat);
    for (int entry : new int[] {0, 2}) {
      int payload = HEADER + 16 + entry * (64 + 32) + 64;
      java.util.Arrays.fill(expected, payload, payload + 32, (byte) 0);
    }
    assertThat(pruned).isEqualTo(expected);

    Told none = run("python3", "scripts/lib/gpu_prune.py", library.toString(), "70");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.text()).contains("has no code for sm_70");
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("x"), "text");
    Told told = run("python3", "scripts/lib/gpu_prune.py", file.toString(), "90");
    assertThat(told.code()).isEqualTo(1);
    assertThat(told.text()).contains("no 64-bit ELF file");
  }

  /** A container of entries with 32 bytes of code each. */
  private static byte[] fatBinary(int... architectures) {
    List<byte[]> entries = new ArrayList<>();
    for (int architecture : architectures) {
      ByteBuffer entry = little(64 + 32);
      entry.putShort((short) 2).putShort((short) 257).putInt(64).putLong(32);
      entry.putInt(28, architecture);
      for (int i = 64; i < entry.capacity(); i++) {
        entry.put(i, (byte) architecture);
      }
      entries.add(bytes(entry));
    }
    int length = entries.stream().mapToInt(entry -> entry.length).sum();
    ByteBuffer container = little(16 + length);
    container.putInt(0xBA55ED50).putShort((short) 1).putShort((short) 16).putLong(length);
    entries.forEach(container::put);
    return bytes(container);
  }

  /** A library with nothing but that section and the sections' names. */
  private static byte[] elf(byte[] fat) {
    byte[] names = "\0.nv_fatbin\0.shstrtab\0".getBytes(StandardCharsets.US_ASCII);
    int namesAt = HEADER + fat.length;
    int headersAt = namesAt + names.length;
    ByteBuffer elf = little(headersAt + 3 * 64);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    elf.putLong(0x28, headersAt);
    elf.putShort(0x3A, (short) 64).putShort(0x3C, (short) 3).putShort(0x3E, (short) 2);
    elf.position(HEADER).put(fat).put(names);
    section(elf, headersAt + 64, 1, HEADER, fat.length);
    section(elf, headersAt + 128, 12, namesAt, names.length);
    return bytes(elf);
  }

  private static void section(ByteBuffer elf, int at, int name, long offset, long size) {
    elf.putInt(at, name).putLong(at + 0x18, offset).putLong(at + 0x20, size);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.rewind().get(bytes);
    return bytes;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
