package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.config.ConfigReader;
import io.cria.config.RunConfig;
import io.cria.prompt.PromptFiles;
import io.cria.seed.SeedFile;
import io.cria.storage.Commits;
import io.cria.storage.Location;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
  private static final String UNIT = "inputs";
  private static final String CONFIG = "inputs/config.json";
  private static final String SEEDS = "inputs/seeds.jsonl";
  private static final String PROMPTS = "inputs/prompts";
  static final String PRICES = "inputs/prices.yaml";

  /** Keys only, as the reader knows them: a record's questions ({@code isEmbedded}) are none. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  /**
   * From a run file; relative names in it are taken from its own folder.
   *
   * @param text the run file's
   * @param overrides dotted key to YAML value; names in them are absolute
   * @param unnamedPrices the price list when the run file names none; need not exist
   */
  public static RunInputs fromFile(
      Location file, String text, Map<String, String> overrides, Location unnamedPrices) {
    RunConfig config = RunConfig.parse(text, file.toString(), absolute(file, text, overrides));
    Recipes.requireKnown(
        config,
        overrides.containsKey("stages")
            ? "--set stages"
            : ConfigReader.place(text, file.toString(), "stages"));
    Location seeds = file.resolve(config.seeds());
    if (SeedFile.read(seeds).isEmpty()) {
      throw CriaException.badInput(seeds + ": no seed tasks: add some");
    }
    return new RunInputs(
        config,
        seeds.content("seeds is to name a file of seed tasks (JSONL)"),
        seeds.toString(),
        promptFiles(file.resolve(config.prompts())),
        prices(file, config.prices(), unnamedPrices));
  }

  private static Map<String, String> absolute(
      Location file, String text, Map<String, String> overrides) {
    RunConfig given = RunConfig.parse(text, file.toString(), overrides);
    EndpointFiles files = new EndpointFiles(file);
    Map<String, String> all = files.absolute("endpoint", given.endpoint(), overrides);
    return given
        .moderating()
        .map(service -> files.absolute("moderation.service.endpoint", service.endpoint(), all))
        .orElse(all);
  }

  /**
   * The text of a price list; empty when none is named and the unnamed one is not there.
   *
   * @param named in the run file
   */
  static String prices(Location file, @Nullable String named, Location unnamed) {
    Location prices = named == null ? unnamed : file.resolve(named);
    return named == null && !prices.exists() ? "" : prices.text("prices is to name a price list");
  }

  /** Whether a run directory has a copy. */
  public static boolean areKept(RunDirectory run) {
    return run.exists(CONFIG);
  }

  /** From the copy in a run directory. */
  public static RunInputs fromRun(RunDirectory run, Map<String, String> overrides) {
    String config = run.text(CONFIG).orElseThrow(() -> noLine(run));
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

  /** Hash of the identity of a run that is started from this. */
  public String identityHash() {
    return identity().hash();
  }

  /**
   * Puts the copy into the run directory, with a manifest of it and of run.json.
   *
   * @param epoch of the driver's lock
   */
  void keep(RunDirectory run, long epoch) {
    Commits commits = new Commits(run);
    commits.withdraw(UNIT, epoch);
    copy(run);
    List<Manifest.File> files = new ArrayList<>();
    for (String name : List.of(RunRecord.FILE, CONFIG, SEEDS, PRICES)) {
      files.add(file(run, name));
    }
    prompts.texts().keySet().forEach(name -> files.add(file(run, PROMPTS + "/" + name)));
    commits.publish(
        UNIT,
        Map.of(),
        new Manifest(
            Manifest.FORMAT,
            epoch,
            UNIT,
            1,
            identityHash(),
            SeededRandom.VERSION,
            List.of(),
            files,
            Map.of(),
            null));
  }

  private static Manifest.File file(RunDirectory run, String name) {
    return new Manifest.File(name, -1, run.size(name), run.sha256(name));
  }

  private void copy(RunDirectory run) {
    run.replace(SEEDS, seedText);
    for (Map.Entry<String, String> prompt : prompts.texts().entrySet()) {
      run.replace(PROMPTS + "/" + prompt.getKey(), prompt.getValue());
    }
    run.replace(PRICES, prices);
    run.replace(CONFIG, json(config));
  }

  /** A configuration as a copy of it stands in a run. */
  static String json(Object config) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration is always JSON", e);
    }
  }

  private static CriaException noLine(RunDirectory run) {
    Optional<RunRecord> other = RunRecord.read(run).filter(record -> !record.isLine());
    return CriaException.badInput(
        run.root()
            + other
                .map(
                    record ->
                        ": this is the directory of "
                            + record.identity().get(RunRecord.KIND)
                            + " beside a run, which has no stages: name the run, or give the"
                            + " command that made this")
                .orElse(
                    ": this is no run directory yet: name a run file, for example"
                        + " conf/quickstart.yaml"));
  }

  /** The prompt files of a folder. */
  static PromptFiles promptFiles(Location folder) {
    Map<String, String> texts = new TreeMap<>();
    String remedy = "prompts is to name the folder of a recipe's prompt files";
    try {
      for (String file : folder.list()) {
        // as it lies there: a run is known by its prompts
        texts.put(file, folder.child(file).content(remedy));
      }
    } catch (IOException e) {
      throw folder.unreadable(remedy, e);
    }
    return new PromptFiles(folder.toString(), texts);
  }
}
