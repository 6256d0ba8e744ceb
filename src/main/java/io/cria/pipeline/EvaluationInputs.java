package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.config.EvaluationConfig;
import io.cria.config.EvaluationConfig.Answerer;
import io.cria.config.JudgeConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.Section;
import io.cria.storage.Location;
import io.cria.storage.RecordFiles;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Everything an evaluation is started from, read whole.
 *
 * @param config the run file with its overrides, names in it absolute
 * @param set the items that are asked
 * @param setText their files, for the copy in the directory: name to text
 * @param answerers by name, in the order of the run file, with what stands for each in the identity
 * @param judge who judges; null without one
 * @param prices text of the price list; empty when there is none
 */
public record EvaluationInputs(
    EvaluationConfig config,
    EvaluationSet set,
    Map<String, String> setText,
    Map<String, Map<String, Object>> answerers,
    @Nullable JudgeInputs judge,
    String prices) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADAPTER_CONFIG = "adapter_config.json";

  /** Answers of one evaluation: they are compared, and their pairs shown, by the driver. */
  private static final long MOST = 100_000;

  /** Reads a run file and what it names. */
  public static final class Reader {
    private final Location file;
    private final Configuration hadoop;
    private final Function<Path, String> fingerprint;
    private final Function<Path, Optional<Path>> bases;
    private final String address;

    /**
     * @param file the run file; relative names in it are taken from its own folder
     * @param fingerprint what stands for the bytes of a model's directory or file
     * @param bases the directory of an adapter's base, where it is at hand
     * @param address of endpoints that have none
     */
    public Reader(
        Location file,
        Configuration hadoop,
        Function<Path, String> fingerprint,
        Function<Path, Optional<Path>> bases,
        String address) {
      this.file = file;
      this.hadoop = hadoop;
      this.fingerprint = fingerprint;
      this.bases = bases;
      this.address = address;
    }

    private Endpoint reached(String key, Endpoint endpoint) {
      Endpoint absolute = new EndpointFiles(file).absolute(key, endpoint);
      return absolute.baseUrl() == null && !absolute.isEmbedded() ? absolute.at(address) : absolute;
    }

    /**
     * Reads.
     *
     * @param text the run file's
     * @param overrides dotted key to YAML value
     * @param unnamedPrices the price list when the run file names none; need not exist
     * @throws CriaException (bad input) naming what is not there or does not fit
     */
    public EvaluationInputs read(
        String text, Map<String, String> overrides, Location unnamedPrices) {
      EvaluationConfig config = EvaluationConfig.parse(text, file.toString(), overrides);
      Map<String, String> setText = setText(config.set());
      EvaluationSet set = set(config, setText);
      Map<String, Answerer> answerers = new LinkedHashMap<>();
      Map<String, Map<String, Object>> identities = new LinkedHashMap<>();
      config
          .answerers()
          .forEach(
              (name, answerer) -> {
                Answerer absolute = absolute("answerers." + name, answerer);
                answerers.put(name, absolute);
                identities.put(name, identity("answerers." + name, absolute));
              });
      requireDifferent(answerers, identities);
      JudgeConfig judge = config.judge();
      return new EvaluationInputs(
          config.with(answerers),
          set,
          setText,
          identities,
          judge == null ? null : judge(judge),
          RunInputs.prices(file, config.prices(), unnamedPrices));
    }

    private JudgeInputs judge(JudgeConfig config) {
      String folder = config.prompts();
      return new JudgeInputs(
          config.with(reached("judge.endpoint", config.endpoint())),
          RunInputs.promptFiles(
              folder == null ? Location.of(JudgeInputs.SHIPPED, hadoop) : file.resolve(folder)),
          "");
    }

    private Map<String, String> setText(String name) {
      String remedy = "set is to name a file of tasks, or a folder of files of JSON lines";
      Map<String, String> texts = new TreeMap<>();
      for (Location each : RecordFiles.of(List.of(file.resolve(name)), remedy).files()) {
        texts.put(each.toString(), each.content(remedy));
      }
      return texts;
    }

    private EvaluationSet set(EvaluationConfig config, Map<String, String> texts) {
      List<EvaluationSet.File> files = new ArrayList<>();
      texts.forEach((name, text) -> files.add(new EvaluationSet.File(name, text)));
      EvaluationSet set =
          EvaluationSet.read(files)
              .of(
                  config.sections().stream().map(word -> Section.of(word).orElseThrow()).toList(),
                  Objects.requireNonNullElse(config.limit(), Integer.MAX_VALUE));
      if (set.items().isEmpty()) {
        throw CriaException.badInput(
            file.resolve(config.set())
                + ": a set without instructions: nothing of "
                + config.sections()
                + " is in it; give another set, or other sections");
      }
      long prompts = set.items().stream().mapToLong(item -> item.prompts().size()).sum();
      if (prompts * config.answerers().size() > MOST) {
        throw CriaException.badInput(
            file.resolve(config.set())
                + ": "
                + prompts
                + " prompts to "
                + config.answerers().size()
                + " answerers make more than "
                + MOST
                + " answers, which are compared in the memory of one process: give limit, or a"
                + " sample of the set");
      }
      return set;
    }

    private Answerer absolute(String key, Answerer answerer) {
      Endpoint endpoint = answerer.endpoint();
      return new Answerer(
          there(key + ".checkpoint", answerer.checkpoint(), true),
          there(key + ".adapter", answerer.adapter(), true),
          there(key + ".gguf", answerer.gguf(), false),
          endpoint == null ? null : reached(key + ".endpoint", endpoint),
          answerer.model(),
          answerer.reasoning(),
          answerer.extra());
    }

    private @Nullable String there(String key, @Nullable String path, boolean folder) {
      if (path == null) {
        return null;
      }
      Path absolute = Path.of(new EndpointFiles(file).absolute(key, path)).normalize();
      if (folder ? !Files.isDirectory(absolute) : !Files.isRegularFile(absolute)) {
        throw CriaException.badInput(
            key
                + ": nothing is at "
                + absolute
                + ": give "
                + (folder ? "the directory of a model or an adapter" : "a GGUF file")
                + " on this machine's disk");
      }
      return absolute.toString();
    }

    private Map<String, Object> identity(String key, Answerer answerer) {
      Map<String, Object> identity = new TreeMap<>();
      String checkpoint = answerer.checkpoint();
      String adapter = answerer.adapter();
      String gguf = answerer.gguf();
      if (checkpoint != null) {
        identity.put("checkpoint", print(key, Path.of(checkpoint)));
      }
      if (adapter != null) {
        identity.put("adapter", print(key, Path.of(adapter)));
      }
      if (gguf != null) {
        identity.put("gguf", fingerprint.apply(Path.of(gguf)));
      }
      if (answerer.model() != null) {
        identity.put("model", answerer.model());
        identity.put("extra", answerer.extra());
      }
      if (checkpoint == null) {
        identity.put("reasoning", answerer.reasoning());
      }
      return identity;
    }

    /** Weights and what lies beside them; of an adapter also the weights of the base it names. */
    private String print(String key, Path directory) {
      StringBuilder parts = new StringBuilder(fingerprint.apply(directory));
      try (var files = Files.list(directory)) {
        for (Path each :
            files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
          parts.append('\n').append(Ids.sha256(Files.readAllBytes(each)));
        }
        Path adapter = directory.resolve(ADAPTER_CONFIG);
        if (Files.exists(adapter)) {
          bases
              .apply(directory)
              .ifPresent(base -> parts.append('\n').append(fingerprint.apply(base)));
        }
      } catch (IOException e) {
        throw CriaException.badInput(
            key + ": cannot be read (" + e.getMessage() + "): check the files in " + directory);
      }
      return Ids.sha256(parts.toString());
    }

    private static void requireDifferent(
        Map<String, Answerer> answerers, Map<String, Map<String, Object>> identities) {
      Map<Object, String> known = new HashMap<>();
      identities.forEach(
          (name, identity) -> {
            Answerer answerer = answerers.get(name);
            Endpoint endpoint = answerer == null ? null : answerer.endpoint();
            String address = endpoint == null ? "" : String.valueOf(endpoint.baseUrl());
            String other = known.putIfAbsent(List.of(identity, address), name);
            if (other != null) {
              throw CriaException.badInput(
                  "answerers."
                      + name
                      + ": this is "
                      + other
                      + " under another name: remove one, or name another model");
            }
          });
    }
  }

  /** What decides what the evaluation is: how it is judged does not. */
  public Map<String, Object> identity() {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("set", setSha256());
    identity.put("sections", String.join(", ", config.sections()));
    identity.put("limit", Optional.<Object>ofNullable(config.limit()).orElse("all"));
    identity.put("order", String.join(", ", answerers.keySet()));
    identity.put("answerers", answerers);
    identity.put("generation", JSON.convertValue(config.generation(), TreeMap.class));
    identity.put("seed", config.seed());
    return identity;
  }

  /** What stands for the set's content. */
  String setSha256() {
    StringBuilder all = new StringBuilder();
    // the contents, wherever they lie
    setText.values().forEach(text -> all.append(Ids.sha256(text)).append('\n'));
    return Ids.sha256(all.toString());
  }

  /** What stands for all that decides the judge's verdicts. */
  static String sha256(JudgeInputs judge) {
    try {
      return Ids.sha256(JSON.writeValueAsString(judge.identity()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an identity is always JSON", e);
    }
  }

  /** The same without a judge. */
  EvaluationInputs withoutJudge() {
    return new EvaluationInputs(config, set, setText, answerers, null, prices);
  }

  /** Copies for the evaluation's directory: file below it to text. */
  Map<String, String> kept() {
    Map<String, String> kept = new LinkedHashMap<>();
    setText.forEach(
        (name, text) -> kept.put("inputs/set/" + name.substring(name.lastIndexOf('/') + 1), text));
    kept.put("inputs/evaluation.json", RunInputs.json(config));
    if (judge != null) {
      kept.putAll(judge.kept());
    }
    return kept;
  }

  /** What stands for an answerer's model. */
  String fingerprint(String name) {
    try {
      return Ids.sha256(JSON.writeValueAsString(answerers.getOrDefault(name, Map.of())));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an identity is always JSON", e);
    }
  }
}
