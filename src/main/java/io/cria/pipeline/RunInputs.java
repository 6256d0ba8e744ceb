package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.config.ConfigReader;
import io.cria.config.Operation.Endpoint;
import io.cria.config.RunConfig;
import io.cria.prompt.PromptFiles;
import io.cria.seed.SeedFile;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.task.SeedTask;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything a run is started from, read whole: a run directory keeps a copy, so that any stage can
 * be given by the run alone.
 *
 * @param config the run file with its overrides
 * @param seedText the seed file
 * @param seedsName what errors call it
 * @param prompts prompt files
 * @param prices text of the price list; empty when there is none
 */
public record RunInputs(
    RunConfig config, String seedText, String seedsName, PromptFiles prompts, String prices) {
  private static final String CONFIG = "inputs/config.json";
  private static final String SEEDS = "inputs/seeds.jsonl";
  private static final String PROMPTS = "inputs/prompts";
  private static final String PRICES = "inputs/prices.yaml";

  /** Keys only, as the reader knows them: a record's questions ({@code isEmbedded}) are none. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  /**
   * From a run file; relative paths in it are taken from its own folder.
   *
   * @param overrides dotted key to YAML value; paths in them are absolute
   * @param shippedPrices the price list when the run file names none
   */
  public static RunInputs fromFile(Path file, Map<String, String> overrides, Path shippedPrices) {
    RunConfig config = RunConfig.read(file, absolute(file, overrides));
    Recipes.requireKnown(
        config,
        overrides.containsKey("stages") ? "--set stages" : ConfigReader.place(file, "stages"));
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
    Path seeds = folder.resolve(config.seeds());
    List<SeedTask> checked = SeedFile.read(seeds);
    if (checked.isEmpty()) {
      throw CriaException.badInput(seeds + ": no seed tasks: add some");
    }
    String list = config.prices();
    Path prices = list == null ? shippedPrices : folder.resolve(list);
    return new RunInputs(
        config,
        text(seeds, "seeds"),
        seeds.toString(),
        promptFiles(folder.resolve(config.prompts())),
        list == null && !Files.exists(prices) ? "" : text(prices, "prices"));
  }

  /** The overrides, and the endpoint's relative paths taken from the run file's folder. */
  private static Map<String, String> absolute(Path file, Map<String, String> overrides) {
    Endpoint endpoint = RunConfig.read(file, overrides).endpoint();
    Map<String, String> all = new LinkedHashMap<>(overrides);
    putAbsolute(all, file, "endpoint.keyFile", endpoint.keyFile());
    putAbsolute(all, file, "endpoint.gguf", endpoint.gguf());
    putAbsoluteHeaders(all, file, endpoint.headers());
    return all;
  }

  /** A JSON object is YAML too. */
  private static void putAbsoluteHeaders(
      Map<String, String> overrides, Path file, Map<String, String> headers) {
    ObjectNode absolute = JSON.createObjectNode();
    headers.forEach(
        (name, value) ->
            absolute.put(
                name,
                value.startsWith("file:")
                    ? "file:" + file.toAbsolutePath().resolveSibling(value.substring(5))
                    : value));
    if (headers.values().stream().anyMatch(value -> value.startsWith("file:"))) {
      overrides.put("endpoint.headers", absolute.toString());
    }
  }

  private static void putAbsolute(
      Map<String, String> overrides, Path file, String key, @Nullable String path) {
    if (path != null && !overrides.containsKey(key)) {
      Path there = file.toAbsolutePath().resolveSibling(path);
      overrides.put(key, "'" + there.toString().replace("'", "''") + "'");
    }
  }

  /** Whether a run directory has a copy. */
  public static boolean areKept(RunDirectory run) {
    return run.exists(CONFIG);
  }

  /** From the copy in a run directory. */
  public static RunInputs fromRun(RunDirectory run, Map<String, String> overrides) {
    String config =
        run.text(CONFIG)
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        run.root()
                            + ": this is no run directory yet: name a run file, for example conf/quickstart.yaml"));
    Map<String, String> prompts = new TreeMap<>();
    for (String name : run.list(PROMPTS)) {
      prompts.put(name, run.text(PROMPTS + "/" + name).orElse(""));
    }
    return new RunInputs(
        ConfigReader.parse(config, run.path(CONFIG), RunConfig.class, overrides),
        run.text(SEEDS).orElse(""),
        run.path(SEEDS),
        new PromptFiles(run.path(PROMPTS), prompts),
        run.text(PRICES).orElse(""));
  }

  /** The parsed seed tasks. */
  List<SeedTask> seeds() {
    return SeedFile.read(
        new ByteArrayInputStream(seedText.getBytes(StandardCharsets.UTF_8)), seedsName);
  }

  String seedsSha256() {
    return Ids.sha256(seedText);
  }

  RunIdentity identity() {
    return RunIdentity.of(config.identity(), seedsSha256(), prompts.contentHash());
  }

  /** Puts the copy into the run directory. */
  void keep(RunDirectory run) {
    try {
      run.replace(SEEDS, seedText);
      for (Map.Entry<String, String> prompt : prompts.texts().entrySet()) {
        run.replace(PROMPTS + "/" + prompt.getKey(), prompt.getValue());
      }
      run.replace(PRICES, prices);
      run.replace(CONFIG, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a run configuration is always JSON", e);
    }
  }

  private static String text(Path file, String key) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          key + ": " + file + " cannot be read: give the path of a readable file",
          e);
    }
  }

  private static PromptFiles promptFiles(Path folder) {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        texts.put(file.getFileName().toString(), Files.readString(file));
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          "prompts: " + folder + " cannot be read: give the folder of a recipe's prompt files",
          e);
    }
    return new PromptFiles(folder.toString(), texts);
  }
}
