package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas and the page of keys that lie in the project. */
class ConfigSchemaTest {
  private static final Path CONF = Path.of("conf");
  private static final Path SCHEMAS = CONF.resolve("schema");
  private static final Path DOCS = Path.of("docs");
  private static final String MODELINE = "# yaml-language-server: $schema=";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  @TempDir Path folder;

  @Test
  void theSchemasInConfAreThoseOfTheRecords() throws IOException {
    assertThat(Called.with("config", "--format", "schema", "--write", folder).code()).isZero();
    assertThat(texts(SCHEMAS))
        .as(
            "the schemas are stale: write them anew, scripts/cria config --format schema --write"
                + " conf/schema")
        .isEqualTo(texts(folder));
  }

  @Test
  void thePageOfKeysIsThatOfTheRecords() {
    assertThat(DOCS.resolve(ConfigCommand.PAGE))
        .as(
            "the page of keys is stale: write it anew, scripts/cria config --format markdown"
                + " --write docs")
        .hasContent(Called.with("config", "--format", "markdown").out());
  }

  static Stream<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void everyShippedFileNamesItsSchemaAndFitsIt(Path file) throws IOException {
    String text = Files.readString(file);
    assertThat(text).startsWith(MODELINE);
    String name = text.lines().findFirst().orElseThrow().substring(MODELINE.length());
    assertThat(errors(schema(CONF.resolve(name)), text)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(RunFileKind.class)
  void aSchemaIsOneItself(RunFileKind kind) throws IOException {
    String text = Files.readString(SCHEMAS.resolve(ConfigCommand.schemaFile(kind)));
    Schema dialect =
        REGISTRY.getSchema(SchemaLocation.of(JSON.readTree(text).path("$schema").textValue()));
    assertThat(dialect.validate(text, InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(RunFileKind.class)
  void whatMustBeGivenIsEnoughForTheSchemaToo(RunFileKind kind) throws IOException {
    Schema schema = schema(SCHEMAS.resolve(ConfigCommand.schemaFile(kind)));
    assertThat(errors(schema, kind.least().toString())).isEmpty();
    assertThat(schema.validate("{}", InputFormat.JSON).isEmpty()).isEqualTo(kind.least().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          quickstart.yaml | /limits | {inflight: 8}                     | inflight
          quickstart.yaml | /limits | {inFlight: 0}                     | inFlight
          quickstart.yaml | /limits | {inFlight: many}                  | inFlight
          quickstart.yaml | /limits | {failedShare: 1}                  | failedShare
          quickstart.yaml | /similarity | {threshold: 0.3}              | threshold
          quickstart.yaml | /instances | {prompt: quickstart, parser: single-output} | inputFirst
          quickstart.yaml | /exports | [parquet, csv]                   | exports
          quickstart.yaml | /generate/filters | [{name: to_short}]      | name
          quickstart.yaml | /select | {only: invalid}                   | only
          sft-quickstart.yaml | /training | {output: out}               | output
          sft-quickstart.yaml | /training/schedule | {kind: cubic}      | kind
          sft-quickstart.yaml | /cluster | {memory: plenty}             | memory
          evaluate.yaml | /judge | {model: m, caps: {usd: 1}}           | caps
          evaluate.yaml | /answerers/small/endpoint | {baseURL: x}      | baseURL
          judge.yaml | /caps | {usdPerInstruction: 1}                   | usdPerInstruction
          prices.yaml | /prices | [{model: m, from: May, input: 1, output: 1}] | from
          """)
  void anEditorTellsWhatCriaRefuses(String file, String place, String yaml, String told)
      throws IOException {
    JsonNode tree = YAML.readTree(CONF.resolve(file).toFile());
    int last = place.lastIndexOf('/');
    ((ObjectNode) tree.at(place.substring(0, last)))
        .set(place.substring(last + 1), YAML.readTree(yaml));
    String modeline = Files.readString(CONF.resolve(file)).lines().findFirst().orElseThrow();
    Schema schema = schema(CONF.resolve(modeline.substring(MODELINE.length())));
    assertThat(errors(schema, tree.toString()))
        .singleElement()
        .satisfies(error -> assertThat(error).contains(told));
  }

  @Test
  void aSectionWithoutKeysAndOneLeftEmptyFit() throws IOException {
    Schema schema = schema(SCHEMAS.resolve("run.schema.json"));
    String text = Files.readString(CONF.resolve("quickstart.yaml"));
    assertThat(errors(schema, text + "caps:\nterms: {}\nreasoning:\nparallelism:\n")).isEmpty();
  }

  private static Map<String, String> texts(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.collect(
          Collectors.toMap(file -> file.getFileName().toString(), ConfigSchemaTest::text));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema schema(Path file) throws IOException {
    return REGISTRY.getSchema(Files.readString(file), InputFormat.JSON);
  }

  /** Place and words of each. */
  private static List<String> errors(Schema schema, String yaml) throws IOException {
    return schema.validate(YAML.readTree(yaml)).stream().map(Error::toString).toList();
  }
}
