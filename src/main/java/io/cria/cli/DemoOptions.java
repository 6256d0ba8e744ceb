package io.cria.cli;

import io.cria.page.Door;
import io.cria.page.Password;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The page to chat with a checkpoint, and who may. */
final class DemoOptions {
  @Option(
      names = "--demo",
      description = {
        "Of a checkpoint: a page to chat with it in place of the interface, with terms, moderation,",
        "watermark and limits. Without --watermark a profile and its key are kept beside the"
            + " checkpoint."
      })
  boolean demo;

  @Option(
      names = "--terms",
      paramLabel = "FILE",
      description =
          "Of the demo: YAML with license, teacherTerms, intendedUse, attribution. Default: what the"
              + " model's card states.")
  @Nullable Path terms;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "Of the demo: visitors are asked for its first line; needed where --host lets other"
              + " machines in.")
  @Nullable Path passwordFile;

  @Option(
      names = "--public-name",
      paramLabel = "NAME",
      description =
          "Of the demo: a further name that visitors have in the address. May be repeated.")
  List<String> publicNames = List.of();

  @Option(
      names = "--behind-proxy",
      description =
          "Of the demo: all visitors come through a proxy of yours, which sets X-Forwarded-For and"
              + " X-Forwarded-Proto.")
  boolean behindProxy;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      defaultValue = "10",
      description = "Of the demo: messages of one visitor's address (${DEFAULT-VALUE}).")
  int requestsPerMinute;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Of the demo: tokens of an answer at most (${DEFAULT-VALUE}).")
  int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.7",
      description = "Of the demo: how freely answers are drawn (${DEFAULT-VALUE}).")
  double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "0.95",
      description = "Of the demo: share of probability drawn from (${DEFAULT-VALUE}).")
  double topP;

  /** Refuses what makes sense with the demo alone. */
  void requireNone() {
    if (terms != null || passwordFile != null || !publicNames.isEmpty() || behindProxy) {
      throw CriaException.badInput(
          "serve: --terms, --password-file, --public-name and --behind-proxy are for --demo: add it,"
              + " or leave them out");
    }
  }

  Decoding decoding() {
    if (requestsPerMinute < 1) {
      throw CriaException.badInput(
          "serve: --requests-per-minute " + requestsPerMinute + ": give at least 1");
    }
    try {
      return new Decoding(
          maxTokens, temperature, topP, null, null, null, null, List.of(), Map.of(), null);
    } catch (IllegalArgumentException e) {
      throw CriaException.badInput("serve: " + e.getMessage() + ": see --help");
    }
  }

  Door door(String host, int port) {
    Password password = passwordFile == null ? null : Password.read(passwordFile);
    return new Door(host, port, publicNames, password, behindProxy);
  }
}
