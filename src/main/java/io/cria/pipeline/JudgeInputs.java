package io.cria.pipeline;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.config.AskConfig;
import io.cria.config.JudgeConfig;
import io.cria.prompt.PromptFiles;
import io.cria.storage.Location;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Everything a judge is started from, read whole.
 *
 * @param config the judge's run file with its overrides
 * @param prompts prompt files
 * @param prices text of the price list; empty when there is none
 */
public record JudgeInputs(JudgeConfig config, PromptFiles prompts, String prices) {
  /** The prompts of a file that names none. */
  static final String SHIPPED = "conf/prompts/judge";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * From a judge's run file; relative names in it are taken from its own folder.
   *
   * @param text the file's
   * @param overrides dotted key to YAML value; names in them are absolute
   * @param unnamedPrices the price list when the file names none; need not exist
   */
  public static JudgeInputs fromFile(
      Location file,
      String text,
      Map<String, String> overrides,
      Location unnamedPrices,
      Configuration hadoop) {
    Map<String, String> all =
        new EndpointFiles(file)
            .absolute(
                "endpoint",
                JudgeConfig.parse(text, file.toString(), overrides).endpoint(),
                overrides);
    JudgeConfig config = JudgeConfig.parse(text, file.toString(), all);
    String folder = config.prompts();
    return new JudgeInputs(
        config,
        RunInputs.promptFiles(folder == null ? Location.of(SHIPPED, hadoop) : file.resolve(folder)),
        RunInputs.prices(file, config.prices(), unnamedPrices));
  }

  public AskConfig asking() {
    return config.asking();
  }

  /** What decides what the judge is, with the prompts' content in place of their path. */
  public Map<String, Object> identity() {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("model", config.model());
    identity.put("prompts", prompts.contentHash());
    identity.put(
        "decoding",
        JSON.convertValue(config.decoding(), new TypeReference<TreeMap<String, Object>>() {}));
    identity.put("reasoning", config.reasoning());
    identity.put("seed", config.seed());
    return identity;
  }

  /** Copies for the directory of what is judged: file below it to text. */
  public Map<String, String> kept() {
    Map<String, String> kept = new LinkedHashMap<>();
    prompts.texts().forEach((name, text) -> kept.put("inputs/prompts/" + name, text));
    kept.put("inputs/judge.json", RunInputs.json(config));
    return kept;
  }
}
