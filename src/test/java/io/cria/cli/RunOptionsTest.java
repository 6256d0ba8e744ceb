package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.ConfigException;
import io.cria.config.Operation.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunOptionsTest {
  private static final Path CONF = Path.of("conf").toAbsolutePath();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"endpoint.keyFile=my key", "endpoint={keyFile: 'my key'}"})
  void aKeyFileOfTheCommandLineIsTakenFromTheWorkingDirectory(String setting) throws IOException {
    assertThat(endpoint("", setting).keyFile()).isEqualTo(here("my key"));
    assertThat(endpoint("endpoint: {keyFile: other}", setting).keyFile()).isEqualTo(here("my key"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "endpoint.headers={X-Gate: \"file:s/gate\", X-Team: a}",
        "endpoint={headers: {X-Gate: \"file:s/gate\", X-Team: a}}"
      })
  void soAreTheFilesOfHeaders(String setting) throws IOException {
    assertThat(endpoint("", setting).headers())
        .isEqualTo(Map.of("X-Gate", "file:" + here("s/gate"), "X-Team", "a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "judge.endpoint.keyFile | k",
        "answerers.a.endpoint.gguf | k",
        "moderation.service.endpoint.keyFile | k",
      })
  void soAreTheFilesOfWhoeverElseIsAsked(String key, String path) {
    assertThat(CommandLinePaths.absolute(key, path)).isEqualTo('"' + here(path) + '"');
  }

  @Test
  void soAreThoseInAWholeValue() {
    assertThat(
            CommandLinePaths.absolute(
                "judge", "{model: m, endpoint: {keyFile: k, headers: {X: 'file:g'}}}"))
        .contains("\"keyFile\":\"" + here("k") + "\"", "\"X\":\"file:" + here("g") + "\"");
    assertThat(CommandLinePaths.absolute("judge", "{model: m}")).isEqualTo("{model: m}");
  }

  @Test
  void pathsOfTheRunFileStayThoseOfItsFolder() throws IOException {
    Endpoint endpoint =
        endpoint(
            "endpoint: {keyFile: key, headers: {X-Gate: 'file:gate'}}",
            "endpoint.headers.X-More=file:more");
    assertThat(endpoint.keyFile()).isEqualTo(folder.resolve("key").toString());
    assertThat(endpoint.headers())
        .isEqualTo(
            Map.of("X-Gate", "file:" + folder.resolve("gate"), "X-More", "file:" + here("more")));
  }

  @Test
  void absolutePathsAndOtherValuesStayAsTheyAre() throws IOException {
    Endpoint endpoint =
        endpoint("", "endpoint.keyFile=/k", "endpoint.headers.X-Gate=env:G", "endpoint.workers=2");
    assertThat(endpoint.keyFile()).isEqualTo("/k");
    assertThat(endpoint.headers()).isEqualTo(Map.of("X-Gate", "env:G"));
    assertThat(endpoint.workers()).isEqualTo(2);
    assertThat(endpoint("", "endpoint.gguf=models/a.gguf").gguf()).isEqualTo(here("models/a.gguf"));
  }

  @Test
  void aValueThatIsNoYamlIsToldWithItsKey() {
    assertThatThrownBy(() -> endpoint("", "endpoint.keyFile={a"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("endpoint.keyFile", "the value is not YAML");
    assertThatThrownBy(() -> endpoint("", "endpoint.headers={X-Gate: 'file:'}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("headers names no file for 'X-Gate'");
  }

  private Endpoint endpoint(String line, String... settings) throws IOException {
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
            %2$s
            """
                .formatted(CONF, line));
    RunOptions options = new RunOptions();
    options.settings = List.of(settings);
    return options.fromFile(file.toString()).config().endpoint();
  }

  private static String here(String path) {
    return Path.of(path).toAbsolutePath().toString();
  }
}
