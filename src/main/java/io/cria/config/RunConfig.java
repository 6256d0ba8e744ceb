package io.cria.config;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run file: the keys of {@link Identity} and {@link Operation} side by side. Each key is
 * documented there.
 *
 * <p>Relative paths are taken from the run file's own folder.
 */
public record RunConfig(
    String recipe,
    List<String> stages,
    String seeds,
    String prompts,
    String model,
    Identity.Generate generate,
    Identity.@Nullable Classify classify,
    Identity.@Nullable Instances instances,
    Identity.Similarity similarity,
    Identity.Rounds rounds,
    Identity.Encoding encoding,
    String reasoning,
    Endpoint endpoint,
    Limits limits,
    Caps caps,
    Integer target,
    @Nullable Integer parallelism,
    String prefilter,
    List<String> exports,
    Boolean includeSeeds,
    @Nullable String prices) {
  public RunConfig {
    // both views validate, and put the defaults
    Identity identity =
        new Identity(
            recipe,
            stages,
            seeds,
            prompts,
            model,
            generate,
            classify,
            instances,
            similarity,
            rounds,
            encoding,
            reasoning);
    Operation operation =
        new Operation(
            endpoint, limits, caps, target, parallelism, prefilter, exports, includeSeeds, prices);
    similarity = identity.similarity();
    rounds = identity.rounds();
    encoding = identity.encoding();
    reasoning = identity.reasoning();
    endpoint = operation.endpoint();
    limits = operation.limits();
    caps = operation.caps();
    target = operation.target();
    prefilter = operation.prefilter();
    exports = operation.exports();
    includeSeeds = operation.includeSeeds();
  }

  /**
   * Reads a run file's text and lays the overrides (dotted key to YAML value) over it.
   *
   * @param name the file's name, for messages
   */
  public static RunConfig parse(String text, String name, Map<String, String> overrides) {
    return ConfigReader.parse(text, name, RunConfig.class, overrides);
  }

  public Identity identity() {
    return new Identity(
        recipe,
        stages,
        seeds,
        prompts,
        model,
        generate,
        classify,
        instances,
        similarity,
        rounds,
        encoding,
        reasoning);
  }

  public Operation operation() {
    return new Operation(
        endpoint, limits, caps, target, parallelism, prefilter, exports, includeSeeds, prices);
  }
}
