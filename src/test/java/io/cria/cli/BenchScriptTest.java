package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of scripts/bench run, up to the start of its server. */
class BenchScriptTest {
  private static final String UP_TO_THE_SERVER =
      """
      set -euo pipefail
      . "$1"
      shift
      build() { :; }
      need() { :; }
      server_down() { :; }
      server_up() {
        echo "$*"
        exit 4
      }
      run_bench "$@"
      """;

  @TempDir Path folder;

  @BeforeEach
  void makeABuildThatDoesNothing() throws IOException {
    Path build = folder.resolve("scripts/build");
    Files.createDirectories(build.getParent());
    Files.writeString(build, "#!/bin/sh\n");
    Files.setPosixFilePermissions(build, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theFaultsOfTheServerAddUpInAnyOrder() throws Exception {
    assertThat(server("--faults", "0.1", "--down-s", "3", "--refuse", "true"))
        .isEqualTo("--faults 0.1 --down-s 3 --refuse true");
    assertThat(server("--down-s", "3", "--refuse", "true", "--faults", "0.1"))
        .isEqualTo("--down-s 3 --refuse true --faults 0.1");
  }

  private String server(String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                UP_TO_THE_SERVER,
                "bench",
                Path.of("scripts/lib/bench-run").toAbsolutePath().toString()));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(told).isEqualTo(4);
    return told.strip();
  }
}
