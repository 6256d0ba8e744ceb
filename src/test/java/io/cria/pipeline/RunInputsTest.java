package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.Operation.Endpoint;
import io.cria.config.RunConfig;
import io.cria.storage.Location;
import io.cria.task.CriaException;
import io.cria.testing.CountedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
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
    RunInputs inputs = read(file.toString(), Map.of("endpoint.headers.X-More", "c"));
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
  void soAreTheFilesOfAServiceThatModerates() throws IOException {
    Path file = folder.resolve("own.yaml");
    Files.writeString(
        file,
        runFile(
                CONF + "/seeds/seed_tasks.jsonl",
                CONF + "/prompts/alpaca",
                "moderation: {service: {endpoint: {keyFile: key, headers: {X-Gate:"
                    + " 'file:gate'}}}}\n")
            .replace("[generate]", "[generate, instances, moderate, dataset]"));
    Endpoint service =
        read(file.toString(), Map.of()).config().moderating().orElseThrow().endpoint();
    assertThat(service.keyFile()).isEqualTo(folder.resolve("key").toString());
    assertThat(service.headers()).isEqualTo(Map.of("X-Gate", "file:" + folder.resolve("gate")));
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
    assertThatThrownBy(() -> read(file.toString(), Map.of()))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(file + words);
  }

  @Test
  void aShippedRunFileHasWhatIsShippedBesideIt() throws IOException {
    RunInputs inputs = read("shipped:conf/alpaca.yaml", Map.of());
    assertThat(inputs.seedText())
        .isEqualTo(Files.readString(CONF.resolve("seeds/seed_tasks.jsonl")));
    assertThat(inputs.seedsName()).isEqualTo("conf/seeds/seed_tasks.jsonl");
    assertThat(inputs.prompts().texts()).containsOnlyKeys("request.txt", "system.txt");
    assertThat(inputs.prices()).isEqualTo(Files.readString(CONF.resolve("prices.yaml")));
    RunInputs local = read(CONF.resolve("alpaca.yaml").toString(), Map.of());
    assertThat(inputs.identity()).isEqualTo(local.identity());
  }

  @Test
  void aRunFileInAStoreHasWhatLiesBesideItThereAndWhatIsShipped() throws IOException {
    Files.createDirectories(folder.resolve("own/prompts"));
    Files.writeString(folder.resolve("own/prompts/request.txt"), "Make {count} tasks.");
    Files.writeString(folder.resolve("own/prices.yaml"), "prices: []\n");
    Files.writeString(
        folder.resolve("own/run.yaml"),
        runFile("conf/seeds/seed_tasks.jsonl", "prompts", "prices: prices.yaml\n"));
    RunInputs inputs = read("counted://" + folder + "/own/run.yaml", Map.of());
    assertThat(inputs.prompts().texts()).isEqualTo(Map.of("request.txt", "Make {count} tasks."));
    assertThat(inputs.prompts().source()).isEqualTo("counted:" + folder + "/own/prompts");
    assertThat(inputs.seedsName()).isEqualTo("conf/seeds/seed_tasks.jsonl");
    assertThat(inputs.prices()).isEqualTo("prices: []\n");
  }

  @Test
  void withoutAFolderOnAHostRelativeFilesOfTheEndpointAreRefused() throws IOException {
    Path file = folder.resolve("run.yaml");
    String store = "counted://" + file;
    for (List<String> each :
        List.of(
            List.of("endpoint: {keyFile: my key}", "endpoint.keyFile: 'my key'"),
            List.of("endpoint: {gguf: a.gguf}", "endpoint.gguf: 'a.gguf'"),
            List.of("endpoint: {headers: {X: 'file:gate'}}", "endpoint.headers.X: 'gate'"))) {
      Files.writeString(file, runFile("seeds.jsonl", "prompts", each.get(0) + "\n"));
      assertThatThrownBy(() -> read(store, Map.of()))
          .isInstanceOf(CriaException.class)
          .hasMessage(
              store
                  + ": "
                  + each.get(1)
                  + " is relative, and this run file lies in no folder of a host: give the absolute"
                  + " path that the file has on every host");
    }
  }

  private static String runFile(String seeds, String prompts, String more) {
    return """
    recipe: own
    stages: [generate]
    seeds: %s
    prompts: %s
    model: m
    generate: {prompt: alpaca, parser: alpaca-blocks, decoding: {maxTokens: 9}}
    %s\
    """
        .formatted(seeds, prompts, more);
  }

  private static RunInputs read(String name, Map<String, String> overrides) {
    Configuration hadoop = new Configuration();
    CountedFiles.register(hadoop);
    Location file = Location.of(name, hadoop);
    return RunInputs.fromFile(
        file, file.text("written above"), overrides, Location.of("conf/prices.yaml", hadoop));
  }

  @Test
  void whatALanguageAddsIsNoPartOfARunThatSaysNothingOfIt() {
    RunInputs english = read(CONF.resolve("self-instruct.yaml").toString(), Map.of());
    assertThat(english.identity().keys())
        .containsOnlyKeys(
            "recipe",
            "stages",
            "seeds",
            "prompts",
            "model",
            "generate",
            "classify",
            "instances",
            "similarity",
            "rounds",
            "encoding",
            "reasoning");
    assertThat(english.identity().keys().get("classify")).asString().doesNotContain("parser");
    assertThat(english.identity().keys().get("instances")).asString().doesNotContain("filters");
    assertThat(RunInputs.json(english.config()))
        .doesNotContain("labels", "language", "filters\" : null");
    RunInputs korean = read(CONF.resolve("korean.yaml").toString(), Map.of());
    assertThat(korean.identity().keys()).containsEntry("language", "ko").containsKey("labels");
    assertThat(RunConfig.parse(RunInputs.json(korean.config()), "config.json", Map.of()))
        .isEqualTo(korean.config());
  }
}
