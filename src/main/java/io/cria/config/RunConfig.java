package io.cria.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Endpoint;
import io.cria.config.Operation.Limits;
import io.cria.task.Labels;
import io.cria.task.Terms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run file: the keys of {@link Identity} and {@link Operation} side by side. Each key is
 * documented there.
 *
 * <p>Relative paths are taken from the run file's own folder.
 */
@KeysOf({Identity.class, Operation.class})
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
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String language,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Labels labels,
    Endpoint endpoint,
    Limits limits,
    Caps caps,
    Integer target,
    @Nullable Integer parallelism,
    String prefilter,
    List<String> exports,
    Boolean includeSeeds,
    @Nullable String prices,
    @Nullable ModerationConfig moderation,
    SelectionConfig select,
    Terms terms,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> languages,
    Boolean report) {
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
            reasoning,
            language,
            labels);
    Operation operation =
        new Operation(
            endpoint,
            limits,
            caps,
            target,
            parallelism,
            prefilter,
            exports,
            includeSeeds,
            prices,
            moderation,
            select,
            terms,
            languages,
            report);
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
    select = operation.select();
    terms = operation.terms();
    languages = operation.languages();
    report = operation.report();
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
        reasoning,
        language,
        labels);
  }

  /** The words between the texts: those given, else the published programs'. */
  public Labels words() {
    return labels == null ? Labels.ENGLISH : labels;
  }

  /** What of it concerns the asking. */
  public AskConfig asking() {
    return new AskConfig(model, reasoning, endpoint, limits, caps, parallelism, rounds.seed());
  }

  /** What concerns the asking of the service that moderates; empty where there is none. */
  public Optional<AskConfig> moderating() {
    ModerationConfig.Service service = moderation == null ? null : moderation.service();
    return service == null
        ? Optional.empty()
        : Optional.of(
            new AskConfig(
                service.model(),
                Identity.STRIP,
                service.endpoint(),
                service.limits(),
                new Caps(caps.requests(), caps.tokens(), caps.usd(), null),
                parallelism,
                rounds.seed()));
  }

  /** All who may be asked, in whichever stage: the model, and the service that moderates. */
  public List<AskConfig> mayBeAsked() {
    return Stream.concat(Stream.of(asking()), moderating().stream()).toList();
  }

  public Operation operation() {
    return new Operation(
        endpoint,
        limits,
        caps,
        target,
        parallelism,
        prefilter,
        exports,
        includeSeeds,
        prices,
        moderation,
        select,
        terms,
        languages,
        report);
  }
}
