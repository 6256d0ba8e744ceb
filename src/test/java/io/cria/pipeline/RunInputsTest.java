package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunInputsTest {
  private static final Path CONF = Path.of("conf").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void filesOfHeadersAreTakenFromTheRunFilesOwnFolder() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("own.yaml"),
            """
            recipe: own
            stages: [generate]
            seeds: %1$s/seeds/seed_tasks.jsonl
            prompts: %1$s/prompts/alpaca
            model: m
            generate: {prompt: alpaca, parser: alpaca-blocks, decoding: {maxTokens: 9}}
            endpoint: {headers: {X-Gate: "file:secrets/gate", X-Team: "a: b", cf-token: "env:CF"}}
            """
                .formatted(CONF));
    RunInputs inputs =
        RunInputs.fromFile(
            file, Map.of("endpoint.headers.X-More", "c"), CONF.resolve("prices.yaml"));
    assertThat(inputs.config().endpoint().headers())
        .isEqualTo(
            Map.of(
                "X-Gate",
                "file:" + folder.resolve("secrets/gate"),
                "X-Team",
                "a: b",
                "cf-token",
                "env:CF",
                "X-More",
                "c"));
  }

  @Test
  void aStageThatIsNotKnownOrLacksItsKeyIsToldWithItsLine() throws IOException {
    refused("[generate, polish]", ":2: unknown stage 'polish'");
    refused("[generate, classify]", ":2: the stage classify needs the key 'classify': add it");
  }

  private void refused(String stages, String words) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("own.yaml"),
            """
            recipe: own
            stages: %2$s
            seeds: %1$s/seeds/seed_tasks.jsonl
            prompts: %1$s/prompts/alpaca
            model: m
            generate: {prompt: alpaca, parser: alpaca-blocks, decoding: {maxTokens: 9}}
            """
                .formatted(CONF, stages));
    assertThatThrownBy(() -> RunInputs.fromFile(file, Map.of(), CONF.resolve("prices.yaml")))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(file + words);
  }
}
